import * as z from 'zod';
import { date, duration, path, text, timeUnit, wholeNumber, yesOrNo, zone } from './words.ts';

/** Files that are there, or grow. */
interface FilePlace {
  readonly type: 'file';
  /** Paths or patterns, oldest first. */
  readonly paths: readonly string[];
}

/** A folder in which files appear. */
interface DirectoryPlace {
  readonly type: 'directory';
  readonly path: string;
  /** What becomes of a file that was counted. */
  readonly done: 'keep' | 'move';
}

/** Lines `HH:MM:SS NAME Start|End`. */
interface SessionLogFormat {
  readonly format: 'session-log';
  /** Which files are one log: each, those of a day, or all. */
  readonly log: 'file' | 'day' | 'all';
  /** Day of the first record, `YYYY-MM-DD`, or `from-name`. */
  readonly date?: string | undefined;
  readonly spans_midnight: boolean;
  readonly extra_fields: 'ignore' | 'reject';
  /** A duration, as `parseDuration` reads it. */
  readonly session_timeout?: string | undefined;
  readonly tz?: string | undefined;
}

/** Lines `EPOCH SOURCE TARGET`. */
interface ConnectionLogFormat {
  readonly format: 'connection-log';
  readonly time_unit: 's' | 'ms' | 'us';
}

/** Which column, key or dotted path holds what. */
interface Columns<Column> {
  readonly subject: Column;
  readonly type?: Column | undefined;
  readonly id?: Column | undefined;
  readonly time: Column;
  readonly value?: Column | undefined;
}

/** Rows of comma-separated values; columns by number from 1, or by name. */
interface CsvFormat {
  readonly format: 'csv';
  readonly columns: Columns<number | string>;
  readonly header: 'auto' | 'none';
  /** Rows of any other width are rejects. */
  readonly fields?: number | undefined;
  readonly time_unit: 's' | 'ms' | 'us';
  readonly tz?: string | undefined;
}

/** A JSON object a line; columns by dotted path. */
interface NdjsonFormat {
  readonly format: 'ndjson';
  readonly columns: Columns<string>;
  readonly keep_data: boolean;
  readonly time_unit: 's' | 'ms' | 'us';
  readonly tz?: string | undefined;
}

/** Where records come from, and how they are written. */
export type SourceSettings = (FilePlace | DirectoryPlace) &
  (SessionLogFormat | ConnectionLogFormat | CsvFormat | NdjsonFormat);

const FILE = {
  type: z.literal('file').describe('Files that are there, or grow.'),
  paths: z.array(path).min(1).describe('Paths or patterns; pieces of one log oldest first.'),
};

const DIRECTORY = {
  type: z.literal('directory').describe('A folder in which files appear.'),
  path: path.describe('The folder.'),
  done: z
    .enum(['keep', 'move'])
    .default('keep')
    .describe('What becomes of a file that was counted: it stays, or is moved to processed/.'),
};

const TIME_UNIT = timeUnit.default('ms').describe('Unit of times that are bare numbers.');
const ZONE = zone.optional().describe('Zone of times that name none, such as Europe/Berlin.');

const SESSION_LOG = {
  format: z.literal('session-log').describe('Lines HH:MM:SS NAME Start|End.'),
  log: z
    .enum(['file', 'day', 'all'])
    .default('file')
    .describe('What is one log, with a beginning and an end: a file, a day, or all there is.'),
  date: date
    .optional()
    .describe('Day of the first record, YYYY-MM-DD, or from-name if the name of the file has it.'),
  spans_midnight: yesOrNo.prefault(false).describe('A drop of more than 12 hours is a new day.'),
  extra_fields: z
    .enum(['ignore', 'reject'])
    .default('reject')
    .describe('What to do with lines of more than three fields.'),
  session_timeout: duration
    .optional()
    .describe("End a session whose End never comes at its user's last record before this silence."),
  tz: ZONE,
};

const CONNECTION_LOG = {
  format: z.literal('connection-log').describe('Lines EPOCH SOURCE TARGET.'),
  time_unit: TIME_UNIT,
};

const COLUMN = { error: 'expected a column: its number from 1, or its name in the header' };

const CSV = {
  format: z.literal('csv').describe('Comma-separated values (RFC 4180).'),
  columns: columnsOf(z.union([z.int(COLUMN).min(1, COLUMN), text], COLUMN))
    .default({ subject: 1, type: 2, time: 4 })
    .describe('Columns by number from 1, or by name in the header.'),
  header: z
    .enum(['auto', 'none'])
    .default('auto')
    .describe('Whether the first row may be a header.'),
  fields: wholeNumber(1, 65_536).optional().describe('Refuse rows of any other number of fields.'),
  time_unit: TIME_UNIT,
  tz: ZONE,
};

const NDJSON = {
  format: z.literal('ndjson').describe('A JSON object a line.'),
  columns: columnsOf(text).describe('Keys by dotted path, such as data.customer.'),
  keep_data: yesOrNo.prefault(false).describe('Keep the key data of each event, for meters.'),
  time_unit: TIME_UNIT,
  tz: ZONE,
};

/** A source, with the options of its format beside those of its place. */
export const sourceSchema: z.ZodType<SourceSettings> = z
  .discriminatedUnion('type', [placed(FILE), placed(DIRECTORY)])
  .check(agreeing);

function placed<Place extends typeof FILE | typeof DIRECTORY>(place: Place) {
  return z.discriminatedUnion('format', [
    z.strictObject({ ...place, ...SESSION_LOG }),
    z.strictObject({ ...place, ...CONNECTION_LOG }),
    z.strictObject({ ...place, ...CSV }),
    z.strictObject({ ...place, ...NDJSON }),
  ]);
}

function columnsOf<Column>(column: z.ZodType<Column>) {
  return z.strictObject({
    subject: column.describe('Whom the event is of, such as a customer.'),
    type: column.optional().describe('What kind of event it is.'),
    id: column.optional().describe('What makes the event one: an id that comes again counts once.'),
    time: column.describe('When it happened.'),
    value: column.optional().describe('A number to sum up.'),
  });
}

/** Without a header no column has a name, and none lies behind the last. */
function agreeing({ value, issues }: z.core.ParsePayload<SourceSettings>): void {
  if (value.format !== 'csv') return;
  for (const [key, column] of Object.entries(value.columns)) {
    const refuse = (message: string) =>
      issues.push({ code: 'custom', message, path: ['columns', key], input: column });
    if (typeof column === 'string' && value.header === 'none')
      refuse('expected a number from 1: with header: none no column has a name');
    if (typeof column === 'number' && value.fields !== undefined && column > value.fields)
      refuse(`there is no such column: rows have fields: ${value.fields}`);
  }
}
