import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { CountState } from '../aggregations/count-state.ts';
import { type CountOptions, type CountResult, counts } from '../aggregations/counts.ts';
import { booksOf } from '../core/books.ts';
import { Buckets } from '../core/buckets.ts';
import { Dictionary } from '../core/dictionary.ts';
import { DaybookError } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { Answer } from '../core/report.ts';
import {
  forgottenEvents,
  hasMinutes,
  type MinuteCount,
  type Store,
  type StoredInput,
  type Stream,
} from '../core/store.ts';
import { formatInstant, HOUR, MINUTE } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';

/**
 * Counts out of a store's minutes; of minutes that the range cuts, and where it has none, out of its events.
 *
 * @returns Undefined where buckets are not made of whole minutes: then all events have to be gone over.
 * @throws DaybookError `USAGE` - The range cuts a minute of which the store has no events; or `STORE_UNUSABLE`.
 */
export async function storedCounts(
  store: Store,
  found: Pick<Stream, 'name' | 'goneBefore' | 'eventsOnly'>,
  options: CountOptions,
): Promise<Omit<Answer<CountResult>, 'rejects'> | undefined> {
  const { name: stream, goneBefore = Number.NEGATIVE_INFINITY } = found;
  const { zone, from } = options;
  const whole = hasMinutes(store.keep, found) ? wholeOf(options, MINUTE) : { from, to: from };
  const edges = edgesOf(options, whole);
  if (store.keep === 'rollups' && edges.length > 0) throw cutMinute(edges[0]!, zone);
  if (edges.some(({ from }) => from < goneBefore)) throw forgottenEvents(goneBefore, zone);
  const state = await countRollups(store, stream, options, whole);
  if (state === undefined) return undefined;
  for (const edge of edges) state.merge(await countEdge(store, stream, { ...options, ...edge }));
  const inputs = await store.inputs(stream);
  Object.assign(state, extentOf(inputs, options));
  state.events = inputs.reduce((sum, { counted }) => sum + counted, 0);
  const result = counts(options).finish(state);
  const filtered = state.events - state.counted;
  return { result, books: { ...booksOf(inputs), counted: state.counted, filtered } };
}

/** Adds up whole minutes, by hours where buckets are made of these; undefined where they are not of minutes. */
async function countRollups(
  store: Store,
  stream: string,
  options: CountOptions,
  whole: TimeRange,
): Promise<CountState | undefined> {
  const hours = wholeOf(whole, HOUR);
  const byMinutes = edgesOf(whole, hours).map((range) => ({ range, unit: 'minute' as const }));
  const byHours = [...byMinutes, { range: hours, unit: 'hour' as const }];
  for (const portions of [byHours, [{ range: whole, unit: 'minute' as const }]]) {
    const sum = new RollupSum(options);
    const fits = [];
    for (const { range, unit } of portions)
      fits.push(
        await sum.add(store.minutes({ stream, subjects: options.subjects, ...range }, unit), unit),
      );
    if (fits.every((fit) => fit)) return sum.state;
  }
  return undefined;
}

/** So many portions are added up in about five milliseconds; then others in the process have their turn. */
const PORTIONS_PER_TURN = 256;

/** Adds up minutes and hours to buckets. */
class RollupSum {
  readonly state: CountState;
  readonly #names = new Dictionary();
  readonly #buckets: Buckets;
  readonly #types: ReadonlySet<string> | undefined;
  #portions = 0;
  #last: { readonly subject: string; readonly id: number } | undefined;

  constructor({ interval, zone, types, values }: CountOptions) {
    this.state = new CountState({ byType: false, values });
    this.state.names = this.#names;
    this.#buckets = new Buckets({ every: interval, align: 'clock', zone });
    this.#types = types && new Set(types);
  }

  /** Returns whether each of the minutes, or hours, is within one bucket. */
  async add(
    portions: AsyncIterable<readonly MinuteCount[]>,
    unit: 'minute' | 'hour',
  ): Promise<boolean> {
    const lengthMs = { minute: MINUTE, hour: HOUR }[unit];
    const { cells, values } = this.state;
    for await (const portion of portions) {
      if (++this.#portions % PORTIONS_PER_TURN === 0) await eventLoopTurn();
      for (const { subject, type, start, count, values: totals } of portion) {
        if (this.#types?.has(type) === false) continue;
        const bucket = this.#buckets.at(start);
        if (bucket.end < start + lengthMs) return false;
        const row = cells.rowOf(this.#idOf(subject), 0, bucket.start);
        cells.count[row]! += count;
        if (values) values.merge(row, totals!);
        this.state.counted += count;
      }
    }
    return true;
  }

  /** Most rows are of the subject of the one before. */
  #idOf(subject: string): number {
    if (this.#last?.subject !== subject) {
      const name = Buffer.from(subject);
      this.#last = { subject, id: this.#names.add(name, 0, name.length) };
    }
    return this.#last.id;
  }
}

/** The whole minutes, or hours, of a range; empty, and at its end or behind it, where there are none. */
function wholeOf({ from, to }: TimeRange, lengthMs: number): TimeRange {
  const first = Math.ceil(from / lengthMs) * lengthMs;
  return { from: first, to: Math.max(first, Math.floor(to / lengthMs) * lengthMs) };
}

/** What a range has besides these. */
function edgesOf({ from, to }: TimeRange, whole: TimeRange): TimeRange[] {
  const edges = [
    { from, to: Math.min(whole.from, to) },
    { from: Math.max(whole.to, from), to },
  ];
  return edges.filter((edge) => edge.from < edge.to);
}

async function countEdge(store: Store, stream: string, options: CountOptions): Promise<CountState> {
  const aggregation = counts(options);
  const state = aggregation.zero();
  for await (const batch of store.around({ stream, ...options }, new EventBatch())) {
    aggregation.add(state, batch);
    await eventLoopTurn();
  }
  return state;
}

/** Times of the first and the last event in a range, as far as it is open. */
function extentOf(
  inputs: readonly StoredInput[],
  { from, to }: TimeRange,
): { first: number; last: number } {
  const timed = inputs.filter(({ firstTime }) => firstTime !== undefined);
  const first = Math.min(...timed.map(({ firstTime }) => firstTime!));
  const last = Math.max(...timed.map(({ lastTime }) => lastTime!));
  const isOutside = last < from || first >= to;
  return isOutside ? { first: Infinity, last: -Infinity } : { first, last };
}

function cutMinute({ from, to }: TimeRange, zone: string): DaybookError {
  const minute = Math.floor(from / MINUTE) * MINUTE;
  const cut = from > minute ? from : to;
  const [before, after] = [minute, minute + MINUTE].map((time) => formatInstant(time, zone));
  return new DaybookError(
    'USAGE',
    `the store keeps whole minutes only, and ${formatInstant(cut, zone)} is within one; ask for ${before} or ${after}`,
  );
}
