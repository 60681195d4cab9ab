import type { EventBatch } from './event-batch.ts';

/** `total`: in order of time; `enough`: not, yet in order where it matters; `none`: not. */
type EventOrder = 'total' | 'enough' | 'none';

/**
 * A report's arithmetic: states that grow by batches of events and merge.
 *
 * Laws, which `aggregationLaws` tests for each: splitting the input anywhere and merging the states in
 * order equals one state; `merge` is associative; a saved and loaded state is the same.
 */
export interface Aggregation<State, Result> {
  /** The state of no events. */
  zero(): State;
  /** Adds the events of a batch. A state takes batches of one dictionary only. */
  add(state: State, batch: EventBatch): void;
  /** Leaves in a batch that was added only the events that count; absent where all of them are of interest. */
  sift?(state: State, batch: EventBatch): void;
  /** Joins the state of earlier input with that of the input right behind it. May use up both. */
  merge(earlier: State, later: State): State;
  /**
   * How the events came, where that matters; absent where it does not. With `none` nothing of the
   * state is valid but this answer: its events must come once more in order of time.
   */
  order?(state: State): EventOrder;
  finish(state: State): Result;
  /** The state as plain data with typed arrays, for another thread or a store. */
  save(state: State): unknown;
  load(saved: unknown): State;
}
