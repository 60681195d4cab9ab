import { type Window, type WindowSpec, Windows } from './windows.ts';

/** As many as events in no order turn to again and again: hours of forty days. */
const KEPT = 1024;

/** In which bucket of the clock an instant lies: `Windows`, fast also for instants in no order. */
export class Buckets {
  readonly #windows: Windows;
  readonly #start: Float64Array<ArrayBuffer> = new Float64Array(KEPT);
  readonly #end: Float64Array<ArrayBuffer> = new Float64Array(KEPT);
  #stepMs: number | undefined;
  /** The bucket of the last instant: mostly that of the next one, too. */
  #lastStart = 0;
  #lastEnd = 0;

  /** @throws DaybookError `USAGE` - There are no such buckets. */
  constructor(spec: WindowSpec) {
    this.#windows = new Windows(spec);
  }

  /** Start of the bucket that holds an instant, ms since the epoch. */
  startOf(time: number): number {
    if (time >= this.#lastStart && time < this.#lastEnd) return this.#lastStart;
    this.#stepMs ??= this.#lengthAt(time);
    const slot = Math.floor(time / this.#stepMs) & (KEPT - 1);
    if (time < this.#start[slot]! || time >= this.#end[slot]!) {
      const { start, end } = this.#windows.at(time);
      this.#start[slot] = start;
      this.#end[slot] = end;
    }
    this.#lastStart = this.#start[slot]!;
    this.#lastEnd = this.#end[slot]!;
    return this.#lastStart;
  }

  /** The bucket that holds an instant. */
  at(time: number): Window {
    return this.#windows.at(time);
  }

  #lengthAt(time: number): number {
    const { start, end } = this.#windows.at(time);
    return end - start;
  }
}
