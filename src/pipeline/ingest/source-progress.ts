import { DAY, MINUTE } from '../../core/time.ts';
import { Watermark } from '../../core/watermark.ts';

/** How late a record may come, and how far ahead one may be before a second confirms it: as for reports by default. */
const [MAX_DISORDER_MS, MAX_JUMP_MS] = [5 * MINUTE, DAY];

/** How far a source is counted that is followed, ms since the epoch; −∞ while that is not known. Plain data. */
export interface SourceProgress {
  /** Up to here all of its inputs that are not silent were read. */
  readonly reached: number;
  /** No record before this is expected any more. */
  readonly through: number;
}

/** Of a source of which nothing is known yet. */
export const NO_PROGRESS: SourceProgress = { reached: -Infinity, through: -Infinity };

/** An input that is followed, as far as its times go. */
export interface TimedInput {
  readonly watermark: Watermark;
  /** Whether more is expected of it soon. */
  readonly isActive: boolean;
}

/** Says of a source that is counted as it comes what `--follow` says of a report: how far it is in time. */
export class ProgressMeter {
  readonly #now: () => number;
  /** How far the inputs were that are over. */
  #gone = -Infinity;
  #told: SourceProgress = NO_PROGRESS;

  /**
   * @param lastTimes - Of inputs that were counted before.
   * @param now - The instant of now: who has a single time is believed if it does not lie far ahead.
   */
  constructor(lastTimes: Iterable<number>, now: () => number) {
    this.#now = now;
    const latest = now() + MAX_JUMP_MS;
    for (const time of lastTimes) if (time <= latest) this.#gone = Math.max(this.#gone, time);
  }

  /** Begins to watch the times of an input, of which the last one may be known. */
  watermarkOf(lastTime: number | undefined): Watermark {
    const watermark = new Watermark(MAX_DISORDER_MS, MAX_JUMP_MS);
    if (lastTime !== undefined) watermark.observe(lastTime);
    return watermark;
  }

  /** Takes note of an input that is over. */
  leave(watermark: Watermark): void {
    this.#gone = Math.max(this.#gone, this.#believed(watermark));
  }

  /** How far the source is, all of whose inputs were read; it never goes back. */
  progress(inputs: Iterable<TimedInput>): SourceProgress {
    let least = Infinity;
    let greatest = this.#gone;
    for (const { watermark, isActive } of inputs) {
      if (watermark.high === -Infinity) continue; // It has no records yet.
      const high = this.#believed(watermark);
      if (isActive) least = Math.min(least, high);
      greatest = Math.max(greatest, high);
    }
    const reached = Math.max(this.#told.reached, least < Infinity ? least : greatest);
    if (reached > this.#told.reached) this.#told = { reached, through: reached - MAX_DISORDER_MS };
    return this.#told;
  }

  #believed({ confirmed, high }: Watermark): number {
    if (confirmed > -Infinity) return confirmed;
    return high <= this.#now() + MAX_JUMP_MS ? high : -Infinity;
  }
}
