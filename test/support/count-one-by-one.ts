import type { CountOptions, CountResult } from '../../src/aggregations/counts.ts';
import type { TestEvent } from './events.ts';

/** All values are compared in these. */
const PLACES = 18;

/** Counts as plain data in a fixed order. */
export interface ShownCounts {
  readonly counted: number;
  readonly filtered: number;
  readonly extent: CountResult['extent'];
  /** `[subject, type, start, count]`, behind them sum, minimum and maximum where values are added up. */
  readonly buckets: readonly (readonly (string | number | bigint)[])[];
}

/** A result as plain data; what has no stated order is sorted. */
export function shownCounts({
  counted,
  filtered,
  extent,
  subjects,
  bucketsOf,
}: CountResult): ShownCounts {
  const buckets = subjects().flatMap(bucketsOf);
  const shown = buckets.map(({ subject, type, start, count, values }) => {
    const row = [subject, type, start, count];
    if (values === undefined) return row;
    const { scale, sum, min, max } = values;
    return [...row, ...[sum, min, max].map((digits) => digits * 10n ** BigInt(PLACES - scale))];
  });
  return { counted, filtered, extent, buckets: sorted(shown) };
}

/** The same found the plain and slow way: a `Map`, `Temporal` and big integers. */
export function countedOneByOne(log: readonly TestEvent[], options: CountOptions): ShownCounts {
  const { from, to, subjects, types, byType, values, interval, zone } = options;
  const inRange = log.filter(({ time }) => time >= from && time < to);
  const asked = inRange.filter(
    ({ name, type = '' }) => (subjects?.includes(name) ?? true) && (types?.includes(type) ?? true),
  );
  const groups = Map.groupBy(asked, ({ name, type = '', time }) =>
    JSON.stringify([name, byType ? type : '', bucketStart(time, interval, zone)]),
  );
  const buckets = [...groups].map(([key, events]) => {
    const row = [...(JSON.parse(key) as [string, string, number]), events.length];
    if (!values) return row;
    const amounts = events
      .map(({ value = 0n, scale = 0 }) => value * 10n ** BigInt(PLACES - scale))
      .sort((a, b) => (a < b ? -1 : 1));
    return [...row, amounts.reduce((sum, amount) => sum + amount), amounts[0]!, amounts.at(-1)!];
  });
  const times = inRange.map(({ time }) => time);
  return {
    counted: asked.length,
    filtered: log.length - asked.length,
    extent: times.length > 0 ? { first: Math.min(...times), last: Math.max(...times) } : undefined,
    buckets: sorted(buckets),
  };
}

/** Start of an instant's bucket by `Temporal` alone, in zones whose clocks are not put back over midnight. */
export function bucketStart(time: number, interval: string, zone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(zone);
  const midnight = local.startOfDay();
  const [, number, unit] = /^([0-9]+)([a-z]+)$/.exec(interval)!;
  const floors: Record<string, () => Temporal.ZonedDateTime> = {
    mo: () => midnight.with({ day: 1 }).startOfDay(),
    w: () => midnight.subtract({ days: local.dayOfWeek - 1 }).startOfDay(),
    d: () => midnight,
    h: () => floored('hour'),
    m: () => floored('minute'),
    s: () => floored('second'),
  };
  const floored = (smallestUnit: 'hour' | 'minute' | 'second') =>
    local.round({ smallestUnit, roundingIncrement: Number(number), roundingMode: 'floor' });
  return floors[unit!]!().epochMilliseconds;
}

function sorted<Row extends readonly unknown[]>(rows: Row[]): Row[] {
  const keyed = rows.map((row) => ({ row, key: JSON.stringify(row.slice(0, 3)) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ row }) => row);
}
