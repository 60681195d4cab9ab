import type { SavedWatermark, Watermark } from '../../core/watermark.ts';
import type { FollowedLogs } from './followed-logs.ts';
import type { LiveReader } from './live-reader.ts';

/** What says whose turn it is. */
export interface QueueOptions {
  readonly logs: FollowedLogs;
  /** How far the inputs were that have ended. */
  readonly gone: Watermark;
  /** How far ahead a single record may lie without being confirmed by the next, ms. */
  readonly maxJumpMs: number;
  /** An input that is silent for so long does not hold back the others, ms. */
  readonly idleMs: number;
  /** ms from any instant on. */
  readonly now: () => number;
}

/** The inputs under way, and how far they are: who is furthest behind in time is read first. */
export class ReaderQueue {
  readonly #options: QueueOptions;
  #readers: LiveReader[] = [];
  /** Inputs to be tried, whether they have anything to read, who is furthest behind last. */
  #untried: LiveReader[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get readers(): readonly LiveReader[] {
    return this.#readers;
  }

  /** Highest time up to which all active inputs were read, ms since the epoch. */
  get reached(): number {
    const high = this.heldBackTo();
    if (high < Number.POSITIVE_INFINITY) return high;
    const known = this.#known();
    return this.#readers.reduce((a, reader) => Math.max(a, this.#believed(reader, known)), known);
  }

  add(reader: LiveReader): void {
    this.#readers.push(reader);
  }

  /** Takes out an input that has ended. */
  remove(reader: LiveReader): void {
    const { logs, gone } = this.#options;
    const { high, confirmed } = reader.watermark;
    // What two records say counts twice: it needs no other to confirm it.
    if (high > Number.NEGATIVE_INFINITY) gone.observe(high);
    if (confirmed > Number.NEGATIVE_INFINITY) gone.observe(high);
    logs.close(reader);
    this.#readers = this.#readers.filter((other) => other !== reader);
    this.#untried = this.#untried.filter((other) => other !== reader);
  }

  /** Has an input tried next. */
  tryNext(reader: LiveReader): void {
    this.#untried.push(reader);
  }

  /** Has every input tried, who is furthest behind in time first. */
  tryAll(): void {
    const known = this.#known();
    const byTime = this.#readers.map((reader) => ({ reader, high: this.#believed(reader, known) }));
    byTime.sort((a, b) => b.high - a.high || 0);
    this.#untried = byTime.map(({ reader }) => reader);
  }

  /** Who can be read and is furthest behind in time; of the pieces of a log, the first. */
  next(): LiveReader | undefined {
    const { logs } = this.#options;
    const untried = this.#untried.at(-1);
    if (untried !== undefined) {
      const first = logs.firstOf(untried);
      if (first === untried) this.#untried.pop();
      return first;
    }
    const known = this.#known();
    let least: LiveReader | undefined;
    let leastHigh = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers) {
      const high = this.#believed(reader, known);
      if (!reader.behind || (least !== undefined && high >= leastHigh)) continue;
      least = reader;
      leastHigh = high;
    }
    return least && logs.firstOf(least);
  }

  /** Whether more is expected of an input soon. */
  isActive({ behind, lastRead }: LiveReader): boolean {
    const { now, idleMs } = this.#options;
    return behind || now() - lastRead < idleMs;
  }

  /** How far the inputs are that hold back others: the least of their times, without one of them. */
  heldBackTo(except?: LiveReader): number {
    const known = this.#known();
    let high = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers)
      if (reader !== except && this.isActive(reader))
        high = Math.min(high, this.#believed(reader, known));
    return high;
  }

  /** How far the inputs were that have ended. */
  saveGone(): SavedWatermark {
    return this.#options.gone.save();
  }

  /** How far an input is: where no two of its records say so, it is asked whether the others are near. */
  #believed({ watermark, first }: LiveReader, known: number): number {
    const { confirmed } = watermark;
    if (confirmed > Number.NEGATIVE_INFINITY) return confirmed;
    const unread = watermark.high === Number.NEGATIVE_INFINITY;
    const time = unread ? first.time : watermark.high;
    const near = (unread && first.confirmed) || time - known <= this.#options.maxJumpMs;
    return near ? time : Number.NEGATIVE_INFINITY;
  }

  /** How far the furthest input is, also of those that have ended. */
  #known(): number {
    return this.#readers.reduce(
      (a, { watermark }) => Math.max(a, watermark.confirmed),
      this.#options.gone.confirmed,
    );
  }
}
