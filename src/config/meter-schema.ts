import * as z from 'zod';
import { DaybookError } from '../core/errors.ts';
import { JsonPath } from '../core/json-path.ts';
import { name, text } from './words.ts';

/** What meters make of events; sessions are counted in the window in which they start. */
const AGGREGATIONS = [
  'COUNT',
  'SUM',
  'MIN',
  'MAX',
  'AVG',
  'UNIQUE_COUNT',
  'LATEST',
  'SESSIONS',
] as const;

/** What is counted of events, named as OpenMeter has it. */
export interface MeterSettings {
  readonly slug: string;
  readonly description?: string | undefined;
  readonly eventType?: string | undefined;
  readonly source?: string | undefined;
  readonly aggregation: (typeof AGGREGATIONS)[number];
  /** A JSONPath. */
  readonly valueProperty?: string | undefined;
  /** JSONPaths by name. */
  readonly groupBy?: Readonly<Record<string, string>> | undefined;
}

const jsonPath = text.check(({ value, issues }) => {
  try {
    new JsonPath(value);
  } catch (error) {
    if (!(error instanceof DaybookError)) throw error;
    issues.push({ code: 'custom', message: error.message, input: value });
  }
});

/** A meter. */
export const meterSchema: z.ZodType<MeterSettings> = z
  .strictObject({
    slug: z
      .string()
      .regex(/^(?=.{1,63}$)[a-z0-9]+(_[a-z0-9]+)*$/, {
        error: 'expected a slug: lower-case letters and digits, in words joined by _',
      })
      .describe('What the meter is called; no two are called the same.'),
    description: text.optional().describe('What it is for, to people.'),
    eventType: text.optional().describe('Type of the events that count.'),
    source: name.optional().describe('Source whose records count.'),
    aggregation: z.enum(AGGREGATIONS).describe('What becomes of the events of a window.'),
    valueProperty: jsonPath.optional().describe('Where the value stands, such as $.tokens.'),
    groupBy: z
      .record(text, jsonPath)
      .optional()
      .describe('Groups: names, and where their values stand, such as method: $.method.'),
  })
  .check(measuring);

/** A count has no value, sums and the like need one, and all count something; sessions are of logs. */
function measuring({ value: meter, issues }: z.core.ParsePayload<MeterSettings>): void {
  const refuse = (message: string) =>
    issues.push({ code: 'custom', message, path: [], input: meter });
  const { aggregation, eventType, source, valueProperty, groupBy } = meter;
  if (eventType === undefined && source === undefined)
    refuse('"eventType" or "source" is missing: what is to be counted?');
  const isCount = aggregation === 'COUNT' || aggregation === 'SESSIONS';
  if (isCount && valueProperty !== undefined) refuse(`${aggregation} has no "valueProperty"`);
  if (!isCount && valueProperty === undefined)
    refuse(`"valueProperty" is missing: ${aggregation} of what?`);
  if (groupBy && Object.hasOwn(groupBy, 'subject'))
    refuse('no group is called "subject": usage is told by it anyway');
  if (aggregation !== 'SESSIONS') return;
  for (const [key, value] of Object.entries({ eventType, groupBy }))
    if (value !== undefined) refuse(`SESSIONS has no "${key}"`);
}
