import { CountState } from '../aggregations/count-state.ts';
import { type CountOptions, type CountResult, counts } from '../aggregations/counts.ts';
import { booksOf } from '../core/books.ts';
import { Buckets } from '../core/buckets.ts';
import { Dictionary } from '../core/dictionary.ts';
import { DaybookError } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { Answer } from '../core/report.ts';
import { forgottenEvents, type Store, type StoredInput, type Stream } from '../core/store.ts';
import { formatInstant, MINUTE } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';

/**
 * Counts out of a store's minutes; of minutes that the range cuts, out of its events.
 *
 * @returns Undefined where buckets are not made of whole minutes: then all events have to be gone over.
 * @throws DaybookError `USAGE` - The range cuts a minute of which the store has no events; or `STORE_UNUSABLE`.
 */
export async function storedCounts(
  store: Store,
  { name: stream, goneBefore = Number.NEGATIVE_INFINITY }: Pick<Stream, 'name' | 'goneBefore'>,
  options: CountOptions,
): Promise<Answer<CountResult> | undefined> {
  const { subjects, types, interval, zone } = options;
  const whole = wholeMinutes(options);
  const edges = edgesOf(options, whole);
  if (store.keep === 'rollups' && edges.length > 0) throw cutMinute(edges[0]!, zone);
  if (edges.some(({ from }) => from < goneBefore)) throw forgottenEvents(goneBefore, zone);
  const buckets = new Buckets({ every: interval, align: 'clock', zone });
  const state = new CountState({ byType: false, values: options.values });
  const names = new Dictionary();
  state.names = names;
  const asked = types && new Set(types);
  for await (const minute of store.minutes({ stream, subjects, ...whole })) {
    if (asked?.has(minute.type) === false) continue;
    const bucket = buckets.at(minute.start);
    if (bucket.start % MINUTE !== 0 || bucket.end < minute.start + MINUTE) return undefined;
    const subject = Buffer.from(minute.subject);
    const row = state.cells.rowOf(names.add(subject, 0, subject.length), 0, bucket.start);
    state.cells.count[row]! += minute.count;
    if (state.values) state.values.merge(row, minute.values!);
    state.counted += minute.count;
  }
  for (const edge of edges) state.merge(await countEdge(store, stream, { ...options, ...edge }));
  const inputs = await store.inputs(stream);
  Object.assign(state, extentOf(inputs, options));
  state.events = inputs.reduce((sum, { counted }) => sum + counted, 0);
  const result = counts(options).finish(state);
  const filtered = state.events - state.counted;
  return { result, books: { ...booksOf(inputs), counted: state.counted, filtered } };
}

/** The whole minutes of a range; as long as they are, wholly in it. */
function wholeMinutes({ from, to }: TimeRange): TimeRange {
  const first = Math.ceil(from / MINUTE) * MINUTE;
  return { from: first, to: Math.max(first, Math.floor(to / MINUTE) * MINUTE) };
}

/** What a range has besides whole minutes. */
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
  for await (const batch of store.around({ stream, ...options }, new EventBatch()))
    aggregation.add(state, batch);
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
