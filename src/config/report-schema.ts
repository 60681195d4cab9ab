import * as z from 'zod';
import { quote } from '../core/time.ts';
import { type DestinationSettings, destinationSchema } from './destination-schema.ts';
import { didYouMean } from './did-you-mean.ts';
import { isSchedule } from './schedule.ts';
import { name, text, wholeNumber, yesOrNo, zone } from './words.ts';

/** Active users, and what each did a day. */
export interface ReportSettings {
  readonly type: 'activity';
  readonly subjects: {
    readonly database: string;
    readonly table?: string | undefined;
    readonly query?: string | undefined;
    readonly key: string;
    readonly columns: readonly string[];
    /** Values that columns of an active user have. */
    readonly active?: Readonly<Record<string, string | number | boolean>> | undefined;
  };
  readonly activity: {
    readonly database: string;
    readonly table?: string | undefined;
    readonly query?: string | undefined;
    readonly key: string;
    readonly time: string;
    /** Zone of times that have none; that of the report unless given. */
    readonly tz?: string | undefined;
    readonly count: 'rows' | { readonly distinct: string };
  };
  readonly days: number;
  readonly ending: 'today' | 'yesterday';
  readonly tz?: string | undefined;
  /** Names of columns in the report. */
  readonly as: { readonly date: string; readonly count: string };
  /** Which of the columns to show under which title; all of them unless given. */
  readonly columns?: readonly { readonly title: string; readonly from: string }[] | undefined;
  readonly destination?: DestinationSettings | undefined;
  /** What it is written as; by the end of its key unless given. */
  readonly format?: 'text' | 'table' | 'csv' | 'json' | 'ndjson' | 'parquet' | undefined;
  /** Defuse text that a spreadsheet would take for a formula. */
  readonly spreadsheet_safe: boolean;
  /** When to run, as cron has it. */
  readonly schedule?: string | undefined;
  /** What becomes of what was due while nothing ran: the latest is made, or none. */
  readonly catch_up: 'latest' | 'none';
  /** How often to try again on schedule what failed for the moment. */
  readonly retries: number;
  readonly default: boolean;
}

/** Whether a number is what the file says. */
function isExact(value: string | number | boolean): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

const SUBJECTS = z
  .strictObject({
    database: name.describe('Which of the databases.'),
    table: text
      .optional()
      .describe('Table with a row for each user; schema.table for one of another schema.'),
    query: text.optional().describe('SELECT that gives such rows, instead of a table.'),
    key: text.describe("Column with a user's id."),
    columns: z.array(text).default([]).describe('Further columns to show.'),
    active: z
      .record(
        text,
        z
          .union([text, z.number(), z.boolean()], { error: 'expected a value' })
          .refine(isExact, { error: 'so large a number is not read exactly; write it in quotes' }),
      )
      .optional()
      .describe('Columns and the values they have for users to list; all users unless given.'),
  })
  .check(ofOneRelation);

const ACTIVITY = z
  .strictObject({
    database: name.describe('Which of the databases.'),
    table: text.optional().describe('Table with a row for each thing done.'),
    query: text.optional().describe('SELECT that gives such rows, instead of a table.'),
    key: text.describe('Column with the id of who did it.'),
    time: text.describe('Column that says when: dates, or times.'),
    tz: zone.optional().describe('Zone of times that say none; that of the report unless given.'),
    count: z
      .union(
        [
          z.literal('rows'),
          z.strictObject({ distinct: text.describe('Column whose distinct values count.') }),
        ],
        { error: 'expected rows, or { distinct: COLUMN }' },
      )
      .default('rows')
      .describe('What counts: rows, or the distinct values of a column.'),
  })
  .check(ofOneRelation);

/** A report, by its type. */
export const reportSchema: z.ZodType<ReportSettings> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('activity').describe('Active users, and what each did a day.'),
      subjects: SUBJECTS.describe('Where the users are.'),
      activity: ACTIVITY.describe('Where what they did is.'),
      days: wholeNumber(1, 3660).prefault(30).describe('How many dates.'),
      ending: z.enum(['today', 'yesterday']).default('today').describe('The last of them.'),
      tz: zone.optional().describe('Zone whose dates they are; UTC unless given.'),
      as: z
        .strictObject({
          date: text.default('date').describe('Column with the date.'),
          count: text.default('count').describe('Column with the count.'),
        })
        .prefault({})
        .describe('Names of columns.'),
      columns: z
        .array(
          z.strictObject({
            title: text.describe('What it is called in the report.'),
            from: text.describe(
              'The key, one of the further columns, or what "as" calls date and count.',
            ),
          }),
        )
        .min(1)
        .optional()
        .describe(
          'Columns of the report in their order; key, further columns, date and count unless given.',
        ),
      destination: destinationSchema.optional().describe('Where the report goes to.'),
      format: z
        .enum(['text', 'table', 'csv', 'json', 'ndjson', 'parquet'])
        .optional()
        .describe('What it is written as; by the end of the key unless given, else csv.'),
      spreadsheet_safe: yesOrNo
        .prefault(false)
        .describe("In csv, put ' before text that a spreadsheet would take for a formula."),
      schedule: z
        .string()
        .refine(isSchedule, { error: 'expected five fields, such as "0 6 * * *"' })
        .optional()
        .describe('When to run, as cron has it: minute, hour, day, month, weekday; in the zone.'),
      catch_up: z
        .enum(['latest', 'none'])
        .default('latest')
        .describe('What becomes of what was due while nothing ran: the latest is made, or none.'),
      retries: wholeNumber(0, 20)
        .prefault(3)
        .describe('How often to try again on schedule what failed for the moment.'),
      default: yesOrNo.prefault(false).describe('The report that is made if none is named.'),
    }),
  ])
  .check(showing);

function ofOneRelation({
  value,
  issues,
}: z.core.ParsePayload<{ table?: string | undefined; query?: string | undefined }>): void {
  const { table, query } = value;
  if ((table === undefined) !== (query === undefined)) return;
  const message =
    table === undefined ? 'say the table, or a query' : 'say table or query, not both';
  issues.push({ code: 'custom', message, path: [], input: value });
}

function showing({ value, issues }: z.core.ParsePayload<ReportSettings>): void {
  const { subjects, as, columns = [] } = value;
  const refuse = (path: (string | number)[], message: string) =>
    issues.push({ code: 'custom', message, path, input: value });
  const names = [subjects.key, ...subjects.columns, as.date, as.count];
  const twice = names.findIndex((it, i) => names.indexOf(it) !== i);
  const part = twice < names.length - 2 ? ['subjects', 'columns'] : ['as']; // The last are the date and the count.
  if (twice >= 0) refuse(part, `two columns are called ${quote(names[twice]!)}`);
  for (const [i, { title, from }] of columns.entries()) {
    if (!names.includes(from))
      refuse(['columns', i, 'from'], `there is no column ${quote(from)}${didYouMean(from, names)}`);
    if (columns.findIndex((other) => other.title === title) !== i)
      refuse(['columns', i, 'title'], `another column is called ${quote(title)}`);
  }
}
