import type { Aggregation } from '../core/aggregation.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { Row } from '../core/table.ts';
import type { WindowCounter } from '../core/windowed-report.ts';
import type { Window } from '../core/windows.ts';

/** Windows whose state takes batches as they come; others are folded, which takes less memory. */
const MOST_GROWING = 64;

/** What is counted of one window. */
interface Counted {
  /** The state that grows, with the dictionary of the batches under way. */
  growing: unknown;
  /** What was counted before, with a dictionary of its own. */
  folded: unknown;
}

/** Counts each window in a state of an aggregation for which the order of events does not matter. */
export class WindowStates<Result extends { readonly counted: number }> implements WindowCounter {
  readonly #aggregation: Aggregation<unknown, Result>;
  readonly #rowsOf: (result: Result, window: Window) => Row[];
  /** By their start, the one that was added to last at the end. */
  #windows = new Map<number, Counted>();
  #names: EventBatch['names'] | undefined;

  constructor(
    aggregation: Aggregation<unknown, Result>,
    rowsOf: (result: Result, window: Window) => Row[],
    saved?: unknown,
  ) {
    this.#aggregation = aggregation;
    this.#rowsOf = rowsOf;
    for (const [start, state] of (saved ?? []) as [number, unknown][])
      this.#windows.set(start, { growing: undefined, folded: aggregation.load(state) });
  }

  add({ start }: Window, batch: EventBatch): number {
    if (this.#names !== batch.names) this.#foldAll();
    this.#names = batch.names;
    const counted = this.#windows.get(start) ?? { growing: undefined, folded: undefined };
    counted.growing ??= this.#aggregation.zero();
    const { counted: before } = this.#aggregation.finish(counted.growing);
    this.#aggregation.add(counted.growing, batch);
    const { counted: after } = this.#aggregation.finish(counted.growing);
    this.#windows.delete(start);
    this.#windows.set(start, counted);
    if (this.#windows.size > MOST_GROWING) this.#foldOldest();
    return after - before;
  }

  advance(): void {}

  rows(window: Window): Row[] {
    const counted = this.#windows.get(window.start);
    if (counted === undefined) return [];
    this.#fold(counted);
    return this.#rowsOf(this.#aggregation.finish(counted.folded), window);
  }

  close(window: Window, count = 1): Row[] {
    const isEmpty = !this.#windows.has(window.start);
    if (isEmpty) return count > 1 ? [] : this.#rowsOf(this.#nothing(), window);
    const rows = this.rows(window);
    this.#windows.delete(window.start);
    return rows;
  }

  save(): unknown {
    this.#foldAll();
    return [...this.#windows].map(([start, { folded }]) => [start, this.#aggregation.save(folded)]);
  }

  #nothing(): Result {
    return this.#aggregation.finish(this.#aggregation.zero());
  }

  #foldAll(): void {
    for (const counted of this.#windows.values()) this.#fold(counted);
  }

  #foldOldest(): void {
    let more = this.#windows.size - MOST_GROWING;
    for (const counted of this.#windows.values()) {
      if (more-- === 0) return;
      this.#fold(counted);
    }
  }

  #fold(counted: Counted): void {
    const { load, save, merge } = this.#aggregation;
    if (counted.growing === undefined) return;
    // Saving leaves out the names of which this window counts nothing.
    const grown = load(save(counted.growing));
    counted.folded = counted.folded === undefined ? grown : merge(counted.folded, grown);
    counted.growing = undefined;
  }
}
