import type { Aggregation } from '../core/aggregation.ts';
import { Buckets } from '../core/buckets.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { TimeRange } from '../core/time-range.ts';
import type { ValueTotals } from '../core/value-sums.ts';
import type { WindowSpec } from '../core/windows.ts';
import { type Counting, CountState, NOT_ASKED, type SavedCounts } from './count-state.ts';

/** Which events to count, and what to count apart. */
export interface CountOptions extends TimeRange, Counting {
  /** Length of the buckets, a `WindowSpec`'s `every`: a divisor of a day, or `1d`, `1w`, `1mo`. */
  readonly interval: string;
  /** IANA zone whose clock the buckets are of. */
  readonly zone: string;
  /** Only of these subjects. */
  readonly subjects?: readonly string[] | undefined;
  /** Only of these types. */
  readonly types?: readonly string[] | undefined;
}

/** The events of a subject in a bucket. */
export interface BucketCount {
  readonly subject: string;
  /** Empty where types are not told apart. */
  readonly type: string;
  /** Start of the bucket, ms since the epoch. */
  readonly start: number;
  readonly count: number;
  /** Where values are added up. */
  readonly values?: ValueTotals;
}

/** The finished counts of a log. */
export interface CountResult {
  /** Records that are in the numbers below, and all others. */
  readonly counted: number;
  readonly filtered: number;
  /** Times of the first and the last event in the range, whoever they are of; undefined if there is none. */
  readonly extent: { readonly first: number; readonly last: number } | undefined;
  /** Who has events, in no stated order. */
  subjects(): string[];
  /** A subject's buckets with events, in order of time. */
  bucketsOf(subject: string): BucketCount[];
}

/**
 * Events of each subject in each bucket of the clock, and the exact sum, minimum and maximum of their values.
 *
 * `merge` is commutative: the order of records does not matter.
 */
export function counts(options: CountOptions): Aggregation<CountState, CountResult> {
  const subjects = options.subjects && new Set(options.subjects);
  const types = options.types && new Set(options.types);
  const { byType, values, interval, zone } = options;
  const buckets = new Buckets({ every: interval, align: 'clock', zone } satisfies WindowSpec);
  const askedOf = (state: CountState): Asked => ({
    subjects: subjects && state.idsOf('subject', subjects),
    types: types && state.idsOf('type', types),
  });
  return {
    zero: () => new CountState({ byType, values }),
    add(state, batch) {
      state.admit(batch);
      countBatch(state, batch, options, buckets, askedOf(state));
    },
    sift(state, batch) {
      const { time, subject, type } = batch;
      const asked = askedOf(state);
      batch.keep(
        (i) =>
          time[i]! >= options.from &&
          time[i]! < options.to &&
          asked.subjects?.[subject[i]!] !== NOT_ASKED &&
          asked.types?.[type[i]!] !== NOT_ASKED,
      );
    },
    merge(earlier, later) {
      earlier.merge(later);
      return earlier;
    },
    finish: resultOf,
    save: (state) => state.save(),
    load: (saved) => CountState.load(saved as SavedCounts, { byType, values }),
  };
}

/** Who is asked for, as 1 at the id; all where there is none. */
interface Asked {
  readonly subjects: Uint8Array | undefined;
  readonly types: Uint8Array | undefined;
}

function countBatch(
  state: CountState,
  batch: EventBatch,
  { from, to, byType }: CountOptions,
  buckets: Buckets,
  { subjects, types }: Asked,
): void {
  const { cells, values } = state;
  const { time, subject, type, value, scale, length } = batch;
  let { first, last, counted } = state;
  for (let i = 0; i < length; i++) {
    const at = time[i]!;
    if (at < from || at >= to) continue;
    if (at < first) first = at;
    if (at > last) last = at;
    if (subjects && subjects[subject[i]!] !== 1) continue;
    if (types && types[type[i]!] !== 1) continue;
    const row = cells.rowOf(subject[i]!, byType ? type[i]! : 0, buckets.startOf(at));
    cells.count[row]!++;
    if (values) values.add(row, value[i]!, scale[i]!);
    counted++;
  }
  Object.assign(state, { first, last, counted });
  state.events += length + batch.others;
}

function resultOf(state: CountState): CountResult {
  const { names, cells, values, counting, counted, events, first, last } = state;
  const texts: string[] = [];
  const textOf = (id: number) => {
    texts[id] ??= names!.nameOf(id);
    return texts[id];
  };
  const bucketAt = (row: number): BucketCount => {
    const bucket = {
      subject: textOf(cells.subject[row]!),
      type: counting.byType ? textOf(cells.type[row]!) : '',
      start: cells.start[row]!,
      count: cells.count[row]!,
    };
    return values ? { ...bucket, values: values.totals(row) } : bucket;
  };
  let rows: Map<string, Uint32Array> | undefined;
  const rowsOf = () => {
    rows ??= new Map(rowsBySubject(state).map(([id, own]) => [textOf(id), own]));
    return rows;
  };
  return {
    counted,
    filtered: events - counted,
    extent: first <= last ? { first, last } : undefined,
    subjects: () => [...rowsOf().keys()],
    bucketsOf: (subject) => Array.from(rowsOf().get(subject) ?? [], bucketAt),
  };
}

/** The rows of each subject's cells, in order of time. */
function rowsBySubject({ names, cells }: CountState): [subject: number, rows: Uint32Array][] {
  const { size, subject, start } = cells;
  const ends = new Uint32Array(names?.size ?? 0);
  for (let row = 0; row < size; row++) ends[subject[row]!]!++;
  let end = 0;
  for (let id = 0; id < ends.length; id++) {
    end += ends[id]!;
    ends[id] = end;
  }
  const begins = ends.slice();
  const rows = new Uint32Array(size);
  for (let row = size - 1; row >= 0; row--) rows[--begins[subject[row]!]!] = row;
  const found: [subject: number, rows: Uint32Array][] = [];
  for (let id = 0; id < ends.length; id++)
    if (begins[id]! < ends[id]!) found.push([id, rows.subarray(begins[id], ends[id])]);
  for (const [, own] of found) own.sort((a, b) => start[a]! - start[b]!);
  return found;
}
