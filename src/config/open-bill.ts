import { realpathSync } from 'node:fs';
import { EVERYTHING, type SessionRange, type SessionResult } from '../aggregations/sessions.ts';
import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Parameter } from '../core/table.ts';
import {
  parseDate,
  parseDuration,
  parseInstant,
  parseThrough,
  parseZone,
  type TimeReading,
} from '../core/time.ts';
import { billTable } from '../reports/bill.ts';
import { sources } from '../sources/index.ts';
import { jobModule } from './open-job.ts';

/** A bill in a user's words; all times and durations are text, as on the command line. */
export interface BillRequest {
  /** Files or patterns, oldest first, which together are one log; `-` is standard input. */
  readonly files: readonly string[];
  /** Bill these users only. */
  readonly names?: readonly string[] | undefined;
  /** List the sessions instead of the users. */
  readonly explain?: boolean | undefined;
  /** Price of a second: decimal text. */
  readonly rate?: string | undefined;
  readonly currency?: string | undefined;
  /** Day of the first record, `YYYY-MM-DD`. */
  readonly date?: string | undefined;
  readonly spansMidnight?: boolean | undefined;
  readonly extraFields?: 'reject' | 'ignore' | undefined;
  readonly sessionTimeout?: string | undefined;
  /** Inclusive start of the range. */
  readonly from?: string | undefined;
  /** Exclusive end. */
  readonly to?: string | undefined;
  /** Inclusive end, instead of `to`. */
  readonly through?: string | undefined;
  /** IANA zone of the log's clock and of times that name none. */
  readonly tz?: string | undefined;
  readonly timeUnit?: 's' | 'ms' | 'us' | undefined;
  readonly maxDisorder?: string | undefined;
}

const UNDATED = '1970-01-01';

/**
 * Makes a bill ready to run: checks what was asked for and finds the inputs.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openBill(request: BillRequest): Promise<Report<SessionResult>> {
  const { files, names, rate, currency, explain = false } = request;
  const zone = parseZone(request.tz ?? 'UTC');
  const date = parseDate(request.date ?? UNDATED);
  const reading: TimeReading = { zone: request.tz, unit: request.timeUnit ?? 'ms', date };
  const range = rangeOf(request, reading);
  refuseDays(request);
  const maxDisorderMs = parseDuration(request.maxDisorder ?? '5m');
  const timeoutMs =
    request.sessionTimeout === undefined ? undefined : parseDuration(request.sessionTimeout);
  if (rate !== undefined && !/^[0-9]{1,30}([.][0-9]{1,30})?$/.test(rate)) {
    throw new DaybookError(
      'USAGE',
      `${JSON.stringify(rate)} is no price; write digits, such as 0.0025`,
    );
  }
  if (currency !== undefined && rate === undefined)
    throw new DaybookError('USAGE', '--currency needs a --rate');
  if (currency !== undefined && !/^[A-Za-z]{1,16}$/.test(currency)) {
    throw new DaybookError(
      'USAGE',
      `${JSON.stringify(currency)} is no currency; write its letters, such as EUR`,
    );
  }
  if (rate !== undefined && explain)
    throw new DaybookError('USAGE', '--rate prices a bill; leave it out with --explain');
  const inputs = await inputsOf(files);
  const undated = request.date === undefined && request.spansMidnight !== true;
  const parameters = parametersOf(request, inputs);
  const view = {
    inputs,
    range,
    names,
    explain,
    rate,
    currency,
    timeoutMs,
    zone,
    undated,
    parameters,
  };
  return {
    inputs,
    job: {
      module: jobModule,
      decoder: {
        kind: 'session-log',
        options: {
          date,
          zone,
          spansMidnight: request.spansMidnight ?? false,
          maxDisorderMs,
          extraFields: request.extraFields ?? 'reject',
        },
      },
      aggregation: { kind: 'sessions', options: { ...range, names } },
    },
    needsEvents: explain || timeoutMs !== undefined,
    counts: ({ counted, filtered }) => ({ counted, filtered }),
    table: (result, found) => billTable(view, result, found),
  };
}

/** A log that names no day cannot be asked for one. */
function refuseDays({ from, to, through, date, spansMidnight }: BillRequest): void {
  const day = [from, to, through].find((time) => time !== undefined && /^[0-9]{4}-/.test(time));
  if (day === undefined || date !== undefined || spansMidnight) return;
  throw new DaybookError(
    'USAGE',
    `which day is the log of? Say --date, or ask for a time of day instead of ${day}`,
  );
}

/** The half-open range that was asked for. */
function rangeOf({ from, to, through }: BillRequest, reading: TimeReading): SessionRange {
  if (to !== undefined && through !== undefined) {
    throw new DaybookError('USAGE', 'a range has one end: --to is exclusive, --through inclusive');
  }
  const range = {
    from: from === undefined ? EVERYTHING.from : parseInstant(from, reading),
    to:
      to !== undefined
        ? parseInstant(to, reading)
        : through !== undefined
          ? parseThrough(through, reading)
          : EVERYTHING.to,
  };
  if (range.from > range.to)
    throw new DaybookError('USAGE', `the range ends (${to ?? through}) before it begins (${from})`);
  return range;
}

/** Finds inputs in the order given, each word by its kind of source. */
async function inputsOf(words: readonly string[]): Promise<Input[]> {
  const inputs: Input[] = [];
  // One after the other: a shell's pattern may name more files than can be open.
  for (const word of words) {
    const source = word === '-' ? sources.stdin : sources.file;
    inputs.push(...(await source.inputs([word])));
  }
  refuseTwice(inputs);
  return inputs;
}

/** A file that is billed twice is a mistake, such as of a pattern that matches what is also named. */
function refuseTwice(inputs: readonly Input[]): void {
  const paths = new Set<string>();
  for (const { name, source } of inputs) {
    const path = source === 'file' ? realpathSync(name) : name;
    if (paths.has(path))
      throw new DaybookError('USAGE', `${name} is given twice; name each input once`);
    paths.add(path);
  }
}

/** What shapes a bill, in the order in which a report repeats it. */
const PARAMETERS = [
  'names',
  'explain',
  'rate',
  'currency',
  'date',
  'spansMidnight',
  'extraFields',
  'sessionTimeout',
  'from',
  'to',
  'through',
  'tz',
  'timeUnit',
  'maxDisorder',
] as const satisfies readonly (keyof BillRequest)[];

/** What was asked for, as a report repeats it. */
function parametersOf(request: BillRequest, inputs: readonly Input[]): Record<string, Parameter> {
  const parameters: Record<string, Parameter> = { inputs: inputs.map(({ name }) => name) };
  for (const key of PARAMETERS) {
    const value = request[key];
    if (value !== undefined) parameters[key] = value;
  }
  return parameters;
}
