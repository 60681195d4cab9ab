import * as z from 'zod';
import { name, path, text, wholeNumber, yesOrNo, zone } from './words.ts';

/** A database that reports ask. */
export interface DatabaseSettings {
  readonly type: 'postgres' | 'mysql';
  readonly url: string;
}

/** Where a report goes to. */
type DestinationSettings =
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly key: string;
      readonly region?: string | undefined;
      readonly endpoint?: string | undefined;
    }
  | { readonly type: 'file'; readonly path: string };

/** Active users, and what each did a day. */
export interface ReportSettings {
  readonly type: 'activity';
  readonly subjects: {
    readonly database: string;
    readonly table: string;
    readonly key: string;
    readonly columns: readonly string[];
    /** Values that columns of an active user have. */
    readonly active?: Readonly<Record<string, string | number | boolean>> | undefined;
  };
  readonly activity: {
    readonly database: string;
    readonly table: string;
    readonly key: string;
    readonly time: string;
    readonly count: 'rows' | { readonly distinct: string };
  };
  readonly days: number;
  readonly ending: 'today' | 'yesterday';
  readonly tz?: string | undefined;
  /** Names of columns in the report. */
  readonly as: { readonly date: string; readonly count: string };
  readonly destination?: DestinationSettings | undefined;
  /** When to run, as cron has it. */
  readonly schedule?: string | undefined;
  readonly default: boolean;
}

/** A database; its driver is loaded when it is asked. */
export const databaseSchema: z.ZodType<DatabaseSettings> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('postgres').describe('PostgreSQL.'),
    url: url(/^postgres(ql)?:[/][/]./, 'postgres://user:password@host/database'),
  }),
  z.strictObject({
    type: z.literal('mysql').describe('MySQL or MariaDB.'),
    url: url(/^(mysql|mariadb):[/][/]./, 'mysql://user:password@host/database'),
  }),
]);

const SUBJECTS = z.strictObject({
  database: name.describe('Which of the databases.'),
  table: text.describe('Table with a row for each user.'),
  key: text.describe("Column with a user's id."),
  columns: z.array(text).default([]).describe('Further columns to show.'),
  active: z
    .record(text, z.union([text, z.number(), z.boolean()], { error: 'expected a value' }))
    .optional()
    .describe('Columns and the values they have for users to list; all users unless given.'),
});

const ACTIVITY = z.strictObject({
  database: name.describe('Which of the databases.'),
  table: text.describe('Table with a row for each thing done.'),
  key: text.describe('Column with the id of who did it.'),
  time: text.describe('Column that says when.'),
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
});

const DESTINATION = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('s3').describe('An object in S3.'),
    bucket: text.describe('The bucket.'),
    key: text.describe('Name of the object; {as_of} stands for the day of the report.'),
    region: text.optional().describe('Region of the bucket.'),
    endpoint: text.optional().describe('URL of a service other than AWS.'),
  }),
  z.strictObject({
    type: z.literal('file').describe('A file on this machine.'),
    path: path.describe('The file; {as_of} stands for the day of the report.'),
  }),
]);

/** A report, by its type. */
export const reportSchema: z.ZodType<ReportSettings> = z.discriminatedUnion('type', [
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
    destination: DESTINATION.optional().describe('Where the report goes to.'),
    schedule: z
      .string()
      .regex(/^\S+( +\S+){4}$/, { error: 'expected five fields, such as "0 6 * * *"' })
      .optional()
      .describe('When to run, as cron has it: minute, hour, day, month, weekday.'),
    default: yesOrNo.prefault(false).describe('The report that is made if none is named.'),
  }),
]);

function url(form: RegExp, example: string) {
  return z
    .string()
    .regex(form, { error: `expected a URL such as ${example}` })
    .describe(`How to connect: ${example}. Passwords belong in variables.`);
}
