/** A watermark as plain data, for checkpoints; null is no time. */
export interface SavedWatermark {
  readonly high: number | null;
  readonly confirmed: boolean;
  readonly pending: number | null;
}

/**
 * How far an input is in event time: the highest time read less the disorder that is allowed.
 *
 * One torn time must not end all windows. So a record that jumps too far ahead moves nothing until the
 * next one is as far ahead, and the first of all moves nothing until one comes that is not far from it.
 *
 * @example
 * const watermark = new Watermark(5 * 60_000, 24 * 3_600_000);
 * const late = watermark.observe(time); // then whatever ends at watermark.low or before is final
 */
export class Watermark {
  readonly #maxDisorderMs: number;
  readonly #maxJumpMs: number;
  #high = -Infinity;
  /** Whether a second record was near the first. */
  #confirmed = false;
  /** The time of the record before, if that was a jump; else −∞. */
  #pending = -Infinity;

  constructor(maxDisorderMs: number, maxJumpMs: number) {
    this.#maxDisorderMs = maxDisorderMs;
    this.#maxJumpMs = maxJumpMs;
  }

  static load(saved: SavedWatermark, maxDisorderMs: number, maxJumpMs: number): Watermark {
    const watermark = new Watermark(maxDisorderMs, maxJumpMs);
    watermark.#high = saved.high ?? -Infinity;
    watermark.#confirmed = saved.confirmed;
    watermark.#pending = saved.pending ?? -Infinity;
    return watermark;
  }

  save(): SavedWatermark {
    const known = (time: number) => (time === -Infinity ? null : time);
    return {
      high: known(this.#high),
      confirmed: this.#confirmed,
      pending: known(this.#pending),
    };
  }

  /** The highest time, without jumps that are not confirmed; −∞ before the first record. */
  get high(): number {
    return this.#high;
  }

  /** The highest time as far as it is confirmed, −∞ while it is not. */
  get confirmed(): number {
    return this.#confirmed ? this.#high : -Infinity;
  }

  /** No record below this is expected any more; −∞ while `high` is not confirmed. */
  get low(): number {
    return this.confirmed - this.#maxDisorderMs;
  }

  /** Takes a record's time, and says whether it is late: more than the disorder behind `high`. */
  observe(time: number): boolean {
    if (time - this.#high > this.#maxJumpMs && this.#high !== -Infinity) this.#jump(time);
    else this.#step(time);
    return time < this.#high - this.#maxDisorderMs;
  }

  /**
   * Takes times[from, to) one by one, and says of each in `late` whether it is (1 or 0). Stops behind one
   * that lifts `high` to `stopAt` or above, or confirms it there, so that what is due can be reported.
   *
   * @returns The index behind the last one taken.
   */
  observeBatch(
    times: Float64Array,
    from: number,
    to: number,
    late: Uint8Array,
    stopAt: number,
  ): number {
    let at = from;
    for (;;) {
      at = this.#observeUsual(times, at, to, late, stopAt);
      if (at >= to) return at;
      const [high, confirmed] = [this.#high, this.#confirmed];
      late[at] = Number(this.observe(times[at]!));
      at++;
      const news = this.#high > high || this.#confirmed !== confirmed;
      if (news && this.#high >= stopAt) return at;
    }
  }

  /** Takes times up to one that is a jump, or that may reach `stopAt`, or none if the state is unusual. */
  #observeUsual(
    times: Float64Array,
    from: number,
    to: number,
    late: Uint8Array,
    stopAt: number,
  ): number {
    if (!this.#confirmed || this.#pending !== -Infinity) return from;
    const [disorderMs, jumpMs] = [this.#maxDisorderMs, this.#maxJumpMs];
    let high = this.#high;
    let low = high - disorderMs;
    let at = from;
    for (; at < to; at++) {
      const time = times[at]!;
      if (time > high) {
        if (time - high > jumpMs || time >= stopAt) break;
        high = time;
        low = high - disorderMs;
      }
      late[at] = time < low ? 1 : 0;
    }
    this.#high = high;
    return at;
  }

  /** A record that is no jump. */
  #step(time: number): void {
    const first = this.#high === -Infinity;
    this.#pending = -Infinity;
    // Where the second record is far below the first, the first was the torn one.
    if (first || (!this.#confirmed && this.#high - time > this.#maxJumpMs)) {
      this.#high = time;
    } else {
      this.#high = Math.max(this.#high, time);
      this.#confirmed = true;
    }
  }

  /** A jump; a second one in a row confirms the lower of the two, and the higher if that is near it. */
  #jump(time: number): void {
    if (this.#pending === -Infinity) {
      this.#pending = time;
      return;
    }
    const [lower, higher] = [Math.min(this.#pending, time), Math.max(this.#pending, time)];
    const near = higher - lower <= this.#maxJumpMs;
    this.#high = near ? higher : lower;
    this.#pending = near ? -Infinity : higher;
    this.#confirmed = true;
  }
}
