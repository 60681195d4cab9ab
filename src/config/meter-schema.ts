import * as z from 'zod';
import { name, text } from './words.ts';

/** What is counted of events, named as OpenMeter has it. */
export interface MeterSettings {
  readonly slug: string;
  readonly eventType?: string | undefined;
  readonly source?: string | undefined;
  readonly aggregation: 'COUNT' | 'SUM' | 'MIN' | 'MAX' | 'UNIQUE_COUNT' | 'SESSIONS';
  readonly valueProperty?: string | undefined;
  readonly groupBy?: Readonly<Record<string, string>> | undefined;
}

/** A meter. */
export const meterSchema: z.ZodType<MeterSettings> = z
  .strictObject({
    slug: z
      .string()
      .regex(/^(?=.{1,63}$)[a-z0-9]+(_[a-z0-9]+)*$/, {
        error: 'expected a slug: lower-case letters and digits, in words joined by _',
      })
      .describe('What the meter is called; no two are called the same.'),
    eventType: text.optional().describe('Type of the events that count.'),
    source: name.optional().describe('Source whose records count.'),
    aggregation: z
      .enum(['COUNT', 'SUM', 'MIN', 'MAX', 'UNIQUE_COUNT', 'SESSIONS'])
      .describe('What becomes of the events of a window.'),
    valueProperty: text.optional().describe('Where the value stands, such as $.tokens.'),
    groupBy: z
      .record(text, text)
      .optional()
      .describe('Groups: names, and where their values stand, such as method: $.method.'),
  })
  .check(measuring);

/** A count has no value, sums and the like need one, and all count something. */
function measuring({ value: meter, issues }: z.core.ParsePayload<MeterSettings>): void {
  const refuse = (message: string) =>
    issues.push({ code: 'custom', message, path: [], input: meter });
  const { aggregation, eventType, source, valueProperty } = meter;
  if (eventType === undefined && source === undefined)
    refuse('"eventType" or "source" is missing: what is to be counted?');
  const isCount = aggregation === 'COUNT' || aggregation === 'SESSIONS';
  if (isCount && valueProperty !== undefined) refuse(`${aggregation} has no "valueProperty"`);
  if (!isCount && valueProperty === undefined)
    refuse(`"valueProperty" is missing: ${aggregation} of what?`);
}
