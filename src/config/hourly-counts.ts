import { DaybookError } from '../core/errors.ts';
import { hasMinutes, type Store } from '../core/store.ts';
import { HOUR } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';
import { storedCounts } from '../reports/stored-counts.ts';
import { eventStreams } from './event-streams.ts';
import type { MeterSettings } from './meter-schema.ts';

/** Events of a subject by the hour. */
export interface HourlyCounts {
  /** Start of the first hour, ms since the epoch. */
  readonly first: number;
  /** Of every hour of the range, one after the other. */
  readonly counts: Float64Array;
  /** The sources that were counted. */
  readonly sources: readonly string[];
}

/** Ten years. */
const MOST_HOURS = 10 * 366 * 24;

/**
 * How many events of a subject there are in each hour (UTC) of a range, also in those without.
 *
 * @param range - Has two edges.
 * @param meter - A count whose events these are; all events unless given.
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function hourlyCounts(
  store: Store,
  subject: string,
  range: TimeRange,
  meter: Partial<MeterSettings> = {},
): Promise<HourlyCounts> {
  const first = Math.floor(range.from / HOUR) * HOUR;
  const hours = range.from < range.to ? Math.ceil((range.to - first) / HOUR) : 0;
  if (hours > MOST_HOURS)
    throw new DaybookError('USAGE', `a range has at most ${MOST_HOURS} hours, which are ten years`);
  const counts = new Float64Array(hours);
  const { eventType } = meter;
  const streams = eventStreams(await store.streams(), meter);
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
  return { first, counts, sources: streams.map(({ name }) => name) };
}
