import { DaybookError } from '../core/errors.ts';
import { hasMinutes, type Store, type Stream } from '../core/store.ts';
import { HOUR } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';
import { storedCounts } from '../reports/stored-counts.ts';

/** Events of a subject by the hour. */
export interface HourlyCounts {
  /** Start of the first hour, ms since the epoch. */
  readonly first: number;
  /** Of every hour of the range, one after the other. */
  readonly counts: Float64Array<ArrayBuffer>;
}

/** Which events to count. */
interface HourlyQuery {
  readonly subject: string;
  /** The sources that they are of. */
  readonly streams: readonly Stream[];
  /** Of all types unless given. */
  readonly eventType: string | undefined;
}

/** Ten years. */
const MOST_HOURS = 10 * 366 * 24;

/**
 * How many events of a subject there are in each hour (UTC) of a range, also in those without.
 *
 * @param range - Has two edges.
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function hourlyCounts(
  store: Store,
  { subject, streams, eventType }: HourlyQuery,
  range: TimeRange,
): Promise<HourlyCounts> {
  const first = Math.floor(range.from / HOUR) * HOUR;
  const hours = range.from < range.to ? Math.ceil((range.to - first) / HOUR) : 0;
  if (hours > MOST_HOURS)
    throw new DaybookError('USAGE', `a range has at most ${MOST_HOURS} hours, which are ten years`);
  const counts = new Float64Array(hours);
  const isWhole = range.from === first && range.to % HOUR === 0;
  for (const stream of streams) {
    if (isWhole && hasMinutes(store.keep, stream)) {
      await store.addHours({ stream: stream.name, subject, type: eventType, from: first }, counts);
      continue;
    }
    const types = eventType === undefined ? undefined : [eventType];
    const what = { subjects: [subject], types, byType: false, values: false };
    const answer = await storedCounts(store, stream, {
      ...{ ...range, ...what, interval: '1h', zone: 'UTC' },
    });
    for (const { start, count } of answer?.result.bucketsOf(subject) ?? [])
      counts[(start - first) / HOUR]! += count;
  }
  return { first, counts };
}
