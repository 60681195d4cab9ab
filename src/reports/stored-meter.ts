import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { CountResult } from '../aggregations/counts.ts';
import { MeterState } from '../aggregations/meter-state.ts';
import { type MeterOptions, type MeterResult, meters } from '../aggregations/meters.ts';
import { DaybookError, throwIfInterrupted } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import { forgottenEvents, type Store, type Stream } from '../core/store.ts';
import { storedCounts } from './stored-counts.ts';

/**
 * Meters what a store has of some streams: mere counts out of its minutes, all else out of its events.
 *
 * Others get their turn after every few thousand events.
 *
 * @param options - For each stream.
 * @throws DaybookError `USAGE` - It takes events that the store does not have; or `STORE_UNUSABLE`.
 */
export async function storedMeter(
  store: Store,
  streams: readonly { readonly stream: Stream; readonly options: MeterOptions }[],
  signal: AbortSignal | undefined,
): Promise<MeterResult | undefined> {
  let sum: MeterState | undefined;
  let finish: ((state: MeterState) => MeterResult) | undefined;
  for (const { stream, options } of streams) {
    const meter = meters(options);
    const state =
      (await meterMinutes(store, stream, options)) ??
      (await meterEvents(store, stream, options, signal));
    sum = sum ? meter.merge(sum, state) : state;
    requireFew(sum);
    finish = meter.finish;
  }
  return sum && finish?.(sum);
}

/** So many fit into memory, and an answer. */
const MOST_ROWS = 1_000_000;

function requireFew({ cells }: MeterState): void {
  if (cells.size > MOST_ROWS)
    throw new DaybookError(
      'USAGE',
      `these are more than ${MOST_ROWS} rows; ask for longer windows, fewer groups or a shorter range`,
    );
}

/** In UTC, any whole minute or hour is within one. */
const LONGEST = '1mo';

/** Counts out of minutes; undefined where these do not say enough. */
async function meterMinutes(
  store: Store,
  stream: Stream,
  options: MeterOptions,
): Promise<MeterState | undefined> {
  const { aggregation, groupBy, filters, type, every, zone, bySubject } = options;
  const isOfData = groupBy.length > 0 || filters.length > 0;
  if (aggregation !== 'COUNT' || isOfData) return undefined;
  const answer = await storedCounts(store, stream, {
    ...{ from: options.from, to: options.to, subjects: options.subjects },
    types: type === undefined ? undefined : [type],
    ...(every === undefined ? { interval: LONGEST, zone: 'UTC' } : { interval: every, zone }),
    ...{ byType: false, values: false },
  });
  return answer && stateOf(answer.result, { isWindowed: every !== undefined, bySubject });
}

/** Counts as a meter has them. */
function stateOf(
  { counted, extent, subjects, bucketsOf }: CountResult,
  { isWindowed, bySubject }: { isWindowed: boolean; bySubject: boolean },
): MeterState {
  const state = new MeterState(undefined);
  const noGroups = Buffer.from('[]');
  const group = state.groups.add(noGroups, 0, noGroups.length);
  for (const subject of subjects()) {
    const name = Buffer.from(subject);
    const id = bySubject ? state.subjects.add(name, 0, name.length) : 0;
    for (const { start, count } of bucketsOf(subject))
      state.cells.count[state.cells.rowOf(id, group, isWindowed ? start : 0)]! += count;
  }
  if (counted === 0) return state;
  return Object.assign(state, { counted, ...extent });
}

async function meterEvents(
  store: Store,
  stream: Stream,
  options: MeterOptions,
  signal: AbortSignal | undefined,
): Promise<MeterState> {
  if (store.keep === 'rollups')
    throw new DaybookError(
      'USAGE',
      'the store keeps how many events there were in each minute only, and this needs the events',
    );
  const { goneBefore = Number.NEGATIVE_INFINITY } = stream;
  if (options.from < goneBefore) throw forgottenEvents(goneBefore);
  const { zero, add } = meters(options);
  const state = zero();
  for await (const batch of store.around({ stream: stream.name, ...options }, new EventBatch())) {
    add(state, batch);
    requireFew(state);
    await eventLoopTurn();
    throwIfInterrupted(signal);
  }
  return state;
}
