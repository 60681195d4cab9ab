import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { MeterOptions, MeterRow } from '../aggregations/meters.ts';
import type { MeterSettings } from '../config/meter-schema.ts';
import { Buckets } from '../core/buckets.ts';
import { DaybookError, throwIfInterrupted } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import { hasMinutes, type Store, type Stream } from '../core/store.ts';
import { MINUTE, parseZone, quote } from '../core/time.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { storedMeter } from '../reports/stored-meter.ts';
import { eventStreams } from './event-streams.ts';
import { openStore } from './open-inputs.ts';
import { rangeOf } from './range-request.ts';

/** Sizes of windows as OpenMeter names them. */
export const WINDOW_SIZES = { MINUTE: '1m', HOUR: '1h', DAY: '1d', MONTH: '1mo' } as const;

/** What is asked of a meter, in a user's words, named as OpenMeter has it. */
export interface MeterQuery {
  /** Inclusive start. */
  readonly from?: string | undefined;
  /** Exclusive end. */
  readonly to?: string | undefined;
  /** One window unless given. */
  readonly windowSize?: keyof typeof WINDOW_SIZES | undefined;
  /** IANA zone whose clock windows are of; UTC unless given. */
  readonly windowTimeZone?: string | undefined;
  /** Of these subjects only, each told apart. */
  readonly subject?: readonly string[] | undefined;
  /** What is told apart: names of the meter's groups, or `subject`. */
  readonly groupBy?: readonly string[] | undefined;
  /** Values that groups have of the events that count. */
  readonly filterGroupBy?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** A row of usage. */
export interface Usage {
  /** Decimal text. */
  readonly value: string;
  /** Of sessions only: how long these were. */
  readonly durationMs?: bigint;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly subject: string | null;
  /** By name, in the order in which they were asked for. */
  readonly groupBy: ReadonlyMap<string, string | null>;
}

/** What a meter says. */
export interface MeterAnswer {
  readonly range: TimeRange;
  readonly rows: readonly Usage[];
  /** Events of the meter that have no value that is of use. */
  readonly skipped: number;
}

/** What is asked of a meter, checked. */
export interface OpenedMeter {
  readonly range: TimeRange;
  readonly every: string | undefined;
  readonly zone: string;
  readonly bySubject: boolean;
  /** Names of the groups that are told apart. */
  readonly groups: readonly string[];
}

/**
 * Checks what is asked of a meter.
 *
 * @throws DaybookError `USAGE`
 */
export function openMeter(meter: MeterSettings, query: MeterQuery): OpenedMeter {
  const zone = parseZone(query.windowTimeZone ?? 'UTC');
  const { from, to, groupBy = [], filterGroupBy = {}, windowSize } = query;
  const known = meter.groupBy ?? {};
  for (const [field, names] of [
    ['groupBy', groupBy.filter((name) => name !== 'subject')],
    ['filterGroupBy', Object.keys(filterGroupBy)],
  ] as const)
    for (const name of names) if (!Object.hasOwn(known, name)) throw noGroup(name, meter, field);
  return {
    range: rangeOf({ files: [], from, to }, { zone: query.windowTimeZone, unit: 'ms' }),
    every: windowSize && WINDOW_SIZES[windowSize],
    zone,
    bySubject: query.subject !== undefined || groupBy.includes('subject'),
    groups: [...new Set(groupBy.filter((name) => name !== 'subject'))],
  };
}

/**
 * Asks a store what a meter says; not for meters of sessions.
 *
 * @param subjects - Whose events count, whether they are told apart or not; everybody's unless given.
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function queryMeter(
  path: string,
  meter: MeterSettings,
  query: MeterQuery,
  { subjects, signal }: { subjects?: readonly string[] | undefined; signal?: AbortSignal } = {},
): Promise<MeterAnswer> {
  const opened = openMeter(meter, query);
  const store = await openStore(path);
  try {
    const streams = await meteredStreams(store, meter, optionsOf(meter, query, opened, subjects));
    const result = await storedMeter(store, streams, signal);
    const { rows = [], skipped = 0, extent } = result ?? {};
    return {
      range: opened.range,
      rows: usageOf(rows, opened, extent),
      skipped,
    };
  } finally {
    await store.close();
  }
}

/**
 * Who has events of a meter, by name.
 *
 * @param subjects - Only of these, if given.
 * @throws DaybookError `STORE_UNUSABLE`
 */
export async function meterSubjects(
  path: string,
  meter: MeterSettings,
  { subjects, signal }: { subjects: readonly string[] | undefined; signal: AbortSignal },
): Promise<string[]> {
  const { eventType } = meter;
  const found = new Set<string>();
  const store = await openStore(path);
  try {
    for (const stream of eventStreams(await store.streams(), meter)) {
      if (!hasMinutes(store.keep, stream)) {
        for (const subject of await subjectsOfEvents(store, stream, signal)) found.add(subject);
        continue;
      }
      let portions = 0;
      const query = { stream: stream.name, subjects, ...EVERYTHING };
      for await (const hours of store.minutes(query, 'hour')) {
        for (const { subject, type } of hours)
          if (eventType === undefined || type === eventType) found.add(subject);
        if (++portions % PORTIONS_PER_TURN === 0) await eventLoopTurn();
        throwIfInterrupted(signal);
      }
    }
  } finally {
    await store.close();
  }
  const own = subjects && new Set(subjects);
  return [...found].filter((subject) => own?.has(subject) !== false).sort();
}

/** Who has events in a stream of which there are no minutes, and no types. */
async function subjectsOfEvents(
  store: Store,
  { name }: Stream,
  signal: AbortSignal,
): Promise<Set<string>> {
  const found = new Set<string>();
  const batch = new EventBatch();
  for await (const { length, subject, names } of store.around(
    { stream: name, ...EVERYTHING },
    batch,
  )) {
    for (const id of new Set(subject.subarray(0, length))) found.add(names.nameOf(id));
    await eventLoopTurn();
    throwIfInterrupted(signal);
  }
  return found;
}

/** How often to let others have their turn. */
const PORTIONS_PER_TURN = 256;

/** Rows with both ends of their windows and the names of their groups. */
export function usageOf(
  rows: readonly (MeterRow & { readonly durationMs?: bigint })[],
  { every, zone, range, groups }: OpenedMeter,
  extent: { readonly first: number; readonly last: number } | undefined,
): Usage[] {
  const buckets = every === undefined ? undefined : new Buckets({ every, align: 'clock', zone });
  const minuteOf = (time: number) => Math.floor(time / MINUTE) * MINUTE;
  // Without windows, what was asked for is one; where it is open, the minutes that have events.
  const from = Number.isFinite(range.from) ? range.from : minuteOf(extent?.first ?? 0);
  const to = Number.isFinite(range.to) ? range.to : minuteOf(extent?.last ?? 0) + MINUTE;
  return rows.map(({ start, subject, value, durationMs, groups: values }) => ({
    value,
    ...(durationMs !== undefined && { durationMs }),
    windowStart: buckets ? start : from,
    windowEnd: buckets?.at(start).end ?? to,
    subject,
    groupBy: new Map(groups.map((name, i) => [name, values[i] ?? null])),
  }));
}

function optionsOf(
  meter: MeterSettings,
  { filterGroupBy = {} }: MeterQuery,
  { range, every, zone, bySubject, groups }: OpenedMeter,
  subjects: readonly string[] | undefined,
): MeterOptions {
  const { aggregation, eventType: type, valueProperty, groupBy = {} } = meter;
  if (aggregation === 'SESSIONS') throw new Error('sessions are not metered but billed');
  return {
    ...{ ...range, every, zone, aggregation, type, subjects, valueProperty, bySubject },
    groupBy: groups.map((name) => groupBy[name]!),
    filters: Object.entries(filterGroupBy).map(([name, values]) => {
      return { path: groupBy[name]!, values };
    }),
  };
}

async function meteredStreams(store: Store, meter: MeterSettings, options: MeterOptions) {
  return eventStreams(await store.streams(), meter).map((stream) => {
    const valueColumn = stream.fields.includes('value') && !stream.fields.includes('data');
    return { stream, options: { ...options, valueColumn } };
  });
}

function noGroup(name: string, { slug, groupBy = {} }: MeterSettings, field: string): DaybookError {
  const known = ['subject', ...Object.keys(groupBy)].join(', ');
  return new DaybookError('USAGE', `${slug} has no group ${quote(name)}; it has ${known}`, {
    field,
  });
}
