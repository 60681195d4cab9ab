import { type CountOptions, type CountResult, counts } from '../aggregations/counts.ts';
import { WindowStates } from '../aggregations/window-states.ts';
import { Buckets } from '../core/buckets.ts';
import { MAX_RECORD_BYTES } from '../core/decoder.ts';
import { DaybookError } from '../core/errors.ts';
import type { EventField } from '../core/event-list.ts';
import type { Report } from '../core/report.ts';
import type { Stream } from '../core/store.ts';
import type { Note } from '../core/table.ts';
import { parseDuration, parseZone, quote } from '../core/time.ts';
import type { ValueTotal } from '../core/value-sums.ts';
import { windowColumns } from '../core/windowed-report.ts';
import type { CsvOptions } from '../decoders/csv.ts';
import { countColumns, countRows } from '../reports/counts.ts';
import { emptyStretches } from '../reports/empty-stretches.ts';
import { explainedCountColumns, explainedCounts } from '../reports/explained-counts.ts';
import { openInputs } from './open-inputs.ts';
import { jobModule } from './open-job.ts';
import { parametersOf, rangeOf } from './range-request.ts';
import { storedAnswer } from './stored-answer.ts';
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
  /** The column of ids, of which each is counted once: that takes a store, for files one that has them `ingested`. */
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
  /** A store that has the events of the files, read as `countsStream` says. */
  readonly ingested?: IngestedFiles | undefined;
}

/** Files that were counted into a store. */
export interface IngestedFiles {
  readonly path: string;
  /** What is to be told of them. */
  readonly notes: readonly Note[];
}

/**
 * Makes a report of how many events each subject has in each bucket of the clock.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openCounts(request: CountsRequest): Promise<Report<CountResult>> {
  const { subjects, types, interval = '1h', explain = false } = request;
  const { files, ingested, store = ingested?.path } = request;
  refuseColumns(request);
  const zone = parseZone(request.tz ?? 'UTC');
  const range = rangeOf(request, { zone: request.tz, unit: request.timeUnit ?? 'ms' });
  const maxDisorderMs = parseDuration(request.maxDisorder ?? '5m');
  new Buckets({ every: interval, align: 'clock', zone }); // Says what is wrong with it.
  const inWindows = windowsOf(request, zone);
  if (inWindows && explain) throw explainedWindows();
  const decoder = { kind: 'csv', options: csvOptions(request) };
  const fromMinutes = !inWindows && !explain;
  const opened = await openInputs({ ...request, store }, decoder, range, fromMinutes);
  const { inputs, live, job: reading, stored } = opened;
  const has = (stored?.stream ?? countsStream(request)).fields;
  const value = request.value ?? (request.valueColumn === undefined ? undefined : 'sum');
  const asked = { type: types ?? request.typeColumn, value };
  requireFields(has, asked);
  const fields = (['type', 'value'] as const).filter((field) => asked[field] !== undefined);
  const words = ingested === undefined ? opened.words : files;
  const parameters = parametersOf(request, PARAMETERS, words);
  const options = {
    ...range,
    interval,
    zone,
    subjects,
    types,
    byType: false,
    values: value !== undefined,
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
    value,
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
    answer: stored && fromMinutes ? () => storedAnswer(stored, options) : undefined,
    counts: ({ counted, filtered }) => ({ counted, filtered }),
    table: async (result, { books, events }) => ({
      report: 'counts',
      parameters,
      columns,
      rows: explain
        ? explainedCounts(result, events, { ...view, fields, inputs })
        : countRows(result, view, range),
      notes: [...(ingested?.notes ?? []), ...(explain ? [] : emptyStretches(result, view, range))],
      books,
      zone,
    }),
  };
}

/** Events of files as a store is to keep them. */
export function countsStream(request: CountsRequest): Stream {
  const options = csvOptions(request);
  const { columns } = options;
  const fields = (['type', 'id', 'value'] as const).filter((field) => columns[field] !== undefined);
  return { name: 'files', format: 'csv', options, fields };
}

/** Columns are of files, ids of a store. */
function refuseColumns({ store, ingested, ...request }: CountsRequest): void {
  const { idColumn, value, valueColumn } = request;
  if (store !== undefined) {
    const asked = new Map<string, unknown>(Object.entries(request));
    const column = COLUMN_PARAMETERS.find((name) => asked.get(name) !== undefined);
    if (column === undefined) return;
    const option = column.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new DaybookError(
      'USAGE',
      `--${option} says how to read files; what is in a store was read`,
    );
  }
  if (value !== undefined && valueColumn === undefined)
    throw new DaybookError('USAGE', '--value needs a --value-column');
  if (idColumn !== undefined && ingested === undefined) {
    throw new DaybookError(
      'USAGE',
      'ids are told apart in a store; count the files into one with daybook ingest, and ask that',
    );
  }
}

/** What is asked for must be in the events. */
function requireFields(
  fields: readonly EventField[],
  asked: Partial<Record<EventField, unknown>>,
): void {
  for (const [field, what] of Object.entries(asked))
    if (what !== undefined && !fields.includes(field as EventField))
      throw new DaybookError('USAGE', `the events have no ${field}: there is no such column`, {
        field,
      });
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

/** A column by its number from 1, or by its name. */
export function columnOf(word: string): number | string {
  if (!/^[0-9]+$/.test(word)) return word;
  const column = Number(word);
  if (column >= 1 && column <= MOST_COLUMNS) return column;
  throw new DaybookError(
    'USAGE',
    `${quote(word)} is no column; write its number from 1 on, or its name in the header`,
  );
}

/** How files are read. */
const COLUMN_PARAMETERS = [
  'subjectColumn',
  'typeColumn',
  'timeColumn',
  'idColumn',
  'valueColumn',
  'fields',
  'header',
] as const;

/** What shapes counts, in the order in which they repeat it. */
const PARAMETERS = [
  'subjects',
  'types',
  'interval',
  ...COLUMN_PARAMETERS,
  'value',
  'explain',
  ...WINDOW_PARAMETERS,
] as const satisfies readonly (keyof CountsRequest)[];
