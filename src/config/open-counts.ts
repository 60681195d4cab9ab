import { type CountOptions, type CountResult, counts } from '../aggregations/counts.ts';
import { WindowStates } from '../aggregations/window-states.ts';
import { Buckets } from '../core/buckets.ts';
import { MAX_RECORD_BYTES } from '../core/decoder.ts';
import { DaybookError } from '../core/errors.ts';
import type { EventField } from '../core/event-list.ts';
import type { Answer, Report } from '../core/report.ts';
import { parseDuration, parseZone, quote } from '../core/time.ts';
import type { ValueTotal } from '../core/value-sums.ts';
import { windowColumns } from '../core/windowed-report.ts';
import type { CsvOptions } from '../decoders/csv.ts';
import { countColumns, countRows } from '../reports/counts.ts';
import { explainedCountColumns, explainedCounts } from '../reports/explained-counts.ts';
import { storedCounts } from '../reports/stored-counts.ts';
import { openInputs, openStore, type StoredInputs } from './open-inputs.ts';
import { jobModule } from './open-job.ts';
import { parametersOf, rangeOf } from './range-request.ts';
import {
  explainedWindows,
  WINDOW_PARAMETERS,
  type WindowRequest,
  windowsOf,
} from './window-request.ts';

/** Events counted by subject and bucket, in a user's words. */
export interface CountsRequest extends WindowRequest {
  /** Count the events of these only. */
  readonly subjects?: readonly string[] | undefined;
  /** Count events of these types only. */
  readonly types?: readonly string[] | undefined;
  /** Length of the buckets, `1h` unless given: a divisor of a day, or `1d`, `1w`, `1mo`. */
  readonly interval?: string | undefined;
  /** Columns, by number from 1 or by their name in the header: 1, 2 and 4 unless given. */
  readonly subjectColumn?: string | undefined;
  readonly typeColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
  /** The column of ids, of which each is counted once. */
  readonly idColumn?: string | undefined;
  /** The column of values to be added up. */
  readonly valueColumn?: string | undefined;
  /** Which total of the values to show: `sum`, unless given. */
  readonly value?: ValueTotal | undefined;
  /** Refuse rows that have another number of columns. */
  readonly fields?: number | undefined;
  /** Whether the first row may be a header; it may, unless this is false. */
  readonly header?: boolean | undefined;
  /** List the events instead of their numbers. */
  readonly explain?: boolean | undefined;
}

/**
 * Makes a report of how many events each subject has in each bucket of the clock.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openCounts(request: CountsRequest): Promise<Report<CountResult>> {
  const { subjects, types, interval = '1h', valueColumn, explain = false } = request;
  const zone = parseZone(request.tz ?? 'UTC');
  const range = rangeOf(request, { zone: request.tz, unit: request.timeUnit ?? 'ms' });
  const maxDisorderMs = parseDuration(request.maxDisorder ?? '5m');
  if (request.value !== undefined && valueColumn === undefined)
    throw new DaybookError('USAGE', '--value needs a --value-column');
  new Buckets({ every: interval, align: 'clock', zone }); // Says what is wrong with it.
  const inWindows = windowsOf(request, zone);
  if (inWindows && explain) throw explainedWindows();
  const csv = csvOptions(request);
  const decoder = { kind: 'csv', options: csv };
  const fromMinutes = !inWindows && !explain;
  const opened = await openInputs(request, decoder, range, fromMinutes);
  const { inputs, live, words, job: reading, stored } = opened;
  const fields = (['type', 'value'] as const).filter((field) => csv.columns[field] !== undefined);
  if (stored) requireFields(stored, fields);
  const parameters = parametersOf(request, PARAMETERS, words);
  const options = {
    ...range,
    interval,
    zone,
    subjects,
    types,
    byType: false,
    values: valueColumn !== undefined,
  } satisfies CountOptions;
  const job = {
    module: jobModule,
    ...reading,
    aggregation: { kind: 'counts', options },
  };
  const view = {
    subjects: subjects && [...new Set(subjects)],
    interval,
    zone,
    value: valueColumn === undefined ? undefined : (request.value ?? 'sum'),
  };
  const columns = explain ? explainedCountColumns(fields) : countColumns(view);
  return {
    inputs,
    job,
    windowed: inWindows && {
      job,
      head: {
        report: 'counts',
        parameters,
        columns: [...windowColumns(), ...countColumns(view, true)],
        zone,
      },
      ...inWindows,
      range,
      needsAll: false,
      maxDisorderMs,
      counter: (saved) =>
        new WindowStates(
          counts(options),
          (result, window) => {
            const from = Math.max(window.start, range.from);
            const to = Math.min(window.end, range.to);
            return [...countRows(result, view, { from, to })].flat();
          },
          saved,
        ),
    },
    live,
    needsEvents: explain,
    fields,
    answer: stored && fromMinutes ? () => answerFrom(stored, options) : undefined,
    counts: ({ counted, filtered }) => ({ counted, filtered }),
    table: async (result, { books, events }) => ({
      report: 'counts',
      parameters,
      columns,
      rows: explain
        ? explainedCounts(result, events, { ...view, fields, inputs })
        : countRows(result, view, range),
      notes: [],
      books,
      zone,
    }),
  };
}

/** What was not kept cannot be counted. */
function requireFields({ path, stream }: StoredInputs, fields: readonly EventField[]): void {
  const missing = fields.find((field) => !stream.fields.includes(field));
  if (missing !== undefined)
    throw new DaybookError('USAGE', `${path} has no ${missing} of the events of ${stream.name}`);
}

/** Counts out of a store, if its minutes say enough. */
async function answerFrom(
  { path, stream }: StoredInputs,
  options: CountOptions,
): Promise<Answer<CountResult> | undefined> {
  const store = await openStore(path);
  try {
    const answer = await storedCounts(store, stream.name, options);
    if (answer !== undefined || store.keep === 'events') return answer;
    throw new DaybookError(
      'USAGE',
      `${path} keeps whole minutes only: no buckets of ${options.interval} in ${options.zone} can be made of them`,
    );
  } finally {
    await store.close();
  }
}

function csvOptions(request: CountsRequest): CsvOptions {
  const { subjectColumn = '1', timeColumn = '4', types, idColumn, valueColumn } = request;
  // Without need for it, its cell may be anything, or missing.
  const typeColumn = request.typeColumn ?? (types && '2');
  return {
    columns: {
      subject: columnOf(subjectColumn),
      time: columnOf(timeColumn),
      ...(typeColumn !== undefined && { type: columnOf(typeColumn) }),
      ...(idColumn !== undefined && { id: columnOf(idColumn) }),
      ...(valueColumn !== undefined && { value: columnOf(valueColumn) }),
    },
    header: request.header === false ? 'none' : 'auto',
    fields: request.fields,
    timeUnit: request.timeUnit ?? 'ms',
    zone: request.tz,
  };
}

/** A row of the longest record has no more. */
const MOST_COLUMNS = MAX_RECORD_BYTES + 1;

function columnOf(word: string): number | string {
  if (!/^[0-9]+$/.test(word)) return word;
  const column = Number(word);
  if (column >= 1 && column <= MOST_COLUMNS) return column;
  throw new DaybookError(
    'USAGE',
    `${quote(word)} is no column; write its number from 1 on, or its name in the header`,
  );
}

/** What shapes counts, in the order in which they repeat it. */
const PARAMETERS = [
  'subjects',
  'types',
  'interval',
  'subjectColumn',
  'typeColumn',
  'timeColumn',
  'idColumn',
  'valueColumn',
  'value',
  'fields',
  'header',
  'explain',
  ...WINDOW_PARAMETERS,
] as const satisfies readonly (keyof CountsRequest)[];
