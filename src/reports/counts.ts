import type { BucketCount, CountResult } from '../aggregations/counts.ts';
import { Buckets } from '../core/buckets.ts';
import type { Column, Row } from '../core/table.ts';
import type { TimeRange } from '../core/time-range.ts';
import { type Decimal, decimalText, type ValueTotal } from '../core/value-sums.ts';

/** What counts are to show. */
export interface CountView {
  /** Whose, in this order; everybody's who has events, by name, unless given. */
  readonly subjects?: readonly string[] | undefined;
  /** Length of the buckets. */
  readonly interval: string;
  /** IANA zone whose clock they are of. */
  readonly zone: string;
  /** Which total of the values to show, if any. */
  readonly value?: ValueTotal | undefined;
}

/** Rows handed over at a time. */
const PORTION_ROWS = 1000;

/** The columns of counts; behind those of a window, which has a start of its own, buckets are called so. */
export function countColumns({ value }: CountView, inWindows = false): Column[] {
  return [
    { name: 'subject', kind: 'text' },
    { name: inWindows ? 'bucket_start' : 'window_start', kind: 'instant' },
    { name: 'count', kind: 'integer' },
    { name: 'truncated', kind: 'text' },
    ...(value ? [{ name: 'value', kind: 'decimal' } as const] : []),
  ];
}

/**
 * The rows of counts, in portions: those of a subject by time. An asked subject has a row for every bucket of
 * the range, or from the first event's to the last's where it has no such edge; others where they have events.
 */
export function* countRows(
  result: CountResult,
  view: CountView,
  range: TimeRange,
): Generator<Row[]> {
  const buckets = new Buckets({ every: view.interval, align: 'clock', zone: view.zone });
  const cutOf = cutsOf(buckets, range);
  const rowOf = (found: Omit<BucketCount, 'type'>): Row => {
    const { subject, start, count, values } = found;
    const cut = cutOf(start);
    const row: Row = [subject, start, count, cut];
    return view.value
      ? [
          ...row,
          values
            ? decimalText({ digits: values[view.value], scale: values.scale })
            : noValue(view.value),
        ]
      : row;
  };
  let portion: Row[] = [];
  for (const subject of view.subjects ?? result.subjects().sort()) {
    const found = result.bucketsOf(subject);
    const rows = view.subjects
      ? everyBucket(subject, found, buckets, extentOf(result, range))
      : found;
    for (const row of rows) {
      portion.push(rowOf(row));
      if (portion.length < PORTION_ROWS) continue;
      yield portion;
      portion = [];
    }
  }
  if (portion.length > 0) yield portion;
}

/** Nothing adds up to zero, and has neither a least nor a greatest. */
function noValue(value: ValueTotal): string | null {
  return value === 'sum' ? decimalText(ZERO) : null;
}

const ZERO: Decimal = { digits: 0n, scale: 0 };

/** From when to when buckets are shown; empty where there is nothing to go by. */
export function extentOf({ extent }: CountResult, range: TimeRange): TimeRange {
  const from = Number.isFinite(range.from) ? range.from : extent?.first;
  const to = Number.isFinite(range.to) ? range.to : extent && extent.last + 1;
  return from === undefined || to === undefined ? { from: 0, to: 0 } : { from, to };
}

/** A subject's buckets of a range, also those without events. */
function* everyBucket(
  subject: string,
  found: readonly BucketCount[],
  buckets: Buckets,
  { from, to }: TimeRange,
): Generator<Omit<BucketCount, 'type'>> {
  const byStart = new Map(found.map((bucket) => [bucket.start, bucket]));
  for (let at = from; at < to; ) {
    const { start, end } = buckets.at(at);
    yield byStart.get(start) ?? { subject, start, count: 0 };
    at = end;
  }
}

/** Tells of a bucket by its start on which sides the range cuts it. */
function cutsOf(buckets: Buckets, { from, to }: TimeRange): (start: number) => string {
  const last = Number.isFinite(to) ? buckets.at(to - 1) : undefined;
  const cutAtEnd = last && last.end > to ? last.start : undefined;
  return (start) => {
    if (start === cutAtEnd) return start < from ? 'both' : 'end';
    return start < from ? 'start' : 'none';
  };
}
