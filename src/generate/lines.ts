import type { DrawnRecords, Generator, RecordWriter } from './generator.ts';
import { damage } from './junk.ts';
import { Random } from './random.ts';

/** No line is longer, however it is damaged. */
export const MAX_LINE_BYTES = 256;
/** So many records may be held back for the sake of disorder. */
const MAX_HELD = 100_000;
const NEWLINE = 0x0a;
const NONE = -1;

/** What to generate. The same plan makes the same lines, on any machine. */
export interface Plan {
  readonly generator: Generator;
  readonly seed: number;
  readonly names: number;
  /** Infinite for lines without end. */
  readonly rows: number;
  /** When the first record may be, ms since the epoch, UTC, not negative. */
  readonly start: number;
  /** Before which all of them are; infinite where time goes on. */
  readonly end: number;
  /** Mean time between two records. */
  readonly spacingMs: number;
  /** No record is more than this behind the highest time before it. */
  readonly disorderMs: number;
  /** Share of lines that are no records, 0 to 1. */
  readonly junk: number;
  /** Begin as if records had come before: those that are late stand among the first. */
  readonly underWay: boolean;
}

/**
 * The lines of a log.
 *
 * Record `n` belongs to the `n`-th spacing after the start, at a random time in it, and is written at a
 * random one of the next `size` ticks, a tick being a spacing. So a record that is written after another
 * is less than `size` spacings older: the disorder, exactly. What waits is kept in a ring of ticks, each a
 * list. Order and junk are drawn from streams of their own: they change no record.
 */
export class Lines {
  readonly #plan: Plan;
  readonly #writer: RecordWriter;
  readonly #draws: Random;
  readonly #order: Random;
  readonly #junk: Random;
  readonly #junkBelow: number;
  /** Records waiting; `#next` makes lists of them, also of the free places. */
  readonly #records: DrawnRecords;
  readonly #next: Int32Array;
  #free = 0;
  /** The ring: the first record of each tick. */
  readonly #ticks: Int32Array;
  #tick = 0;
  /** Where in the ring the tick is. */
  #hand = 0;
  /** First record of the list being written. */
  #due = NONE;
  #written = 0;
  #until = Number.NaN;

  constructor(plan: Plan) {
    this.#plan = plan;
    const { generator, seed, names, disorderMs, spacingMs, junk } = plan;
    this.#writer = generator.open(new Random(seed, 0), names);
    this.#draws = new Random(seed, 1);
    this.#order = new Random(seed, 2);
    this.#junk = new Random(seed, 3);
    this.#junkBelow = Math.round(junk * 2 ** 32);
    // A millisecond less makes up for the rounding of times.
    const size = Math.min(MAX_HELD, Math.max(1, Math.floor((disorderMs - 1) / spacingMs)));
    this.#ticks = new Int32Array(size).fill(NONE);
    this.#next = Int32Array.from({ length: size }, (_, at) => at + 1);
    this.#records = {
      time: new Float64Array(size),
      first: new Uint32Array(size),
      second: new Uint32Array(size),
    };
    if (plan.underWay) for (let tick = 1 - size; tick < 0; tick++) this.#draw(tick);
  }

  /** Whether all is written. */
  get done(): boolean {
    return this.#written >= this.#plan.rows;
  }

  /** The time of the next record, undefined if none is due at this time. */
  timeOfNext(now: number): number | undefined {
    const { start, spacingMs } = this.#plan;
    return this.#advance((now - start) / spacingMs) ? this.#records.time[this.#due] : undefined;
  }

  /**
   * Writes lines until the bytes are full, none is due, or the next is of the time `until` or later. The
   * first before another `until` is no junk, which in CSV would be taken for a header.
   *
   * @returns Where they end.
   */
  fill(bytes: Buffer, now: number, until: number): number {
    const { generator, start, spacingMs } = this.#plan;
    const limit = bytes.length - MAX_LINE_BYTES;
    const ticks = (now - start) / spacingMs;
    let at = 0;
    while (at <= limit && this.#advance(ticks)) {
      const record = this.#due;
      if (this.#records.time[record]! >= until) break;
      this.#due = this.#next[record]!;
      this.#next[record] = this.#free;
      this.#free = record;
      this.#written++;
      const from = at;
      at = this.#writer.put(bytes, from, this.#records, record);
      if (this.#junkBelow > 0 && this.#junk.next() < this.#junkBelow && until === this.#until) {
        at = damage(bytes, from, at, generator, this.#junk);
      }
      this.#until = until;
      bytes[at++] = NEWLINE;
    }
    return at;
  }

  /** Goes on to the next tick with records, if one is due. */
  #advance(ticks: number): boolean {
    const { rows, underWay } = this.#plan;
    if (this.#written >= rows) return false;
    while (this.#due === NONE) {
      if (this.#tick + 1 > ticks) return false;
      if (this.#tick < rows || underWay) this.#draw(this.#tick);
      this.#due = this.#ticks[this.#hand]!;
      this.#ticks[this.#hand] = NONE;
      this.#tick++;
      this.#hand = this.#hand + 1 === this.#ticks.length ? 0 : this.#hand + 1;
    }
    return true;
  }

  /** Draws the record of a tick, and the tick at which it is to be written: one not passed yet. */
  #draw(tick: number): void {
    const { start, end, spacingMs } = this.#plan;
    const size = this.#ticks.length;
    const delay = size === 1 ? 0 : this.#order.below(size);
    if (tick + delay < 0) return;
    const at = this.#free;
    this.#free = this.#next[at]!;
    const time = start + Math.floor((tick + this.#draws.unit()) * spacingMs);
    this.#records.time[at] = Math.min(time, end - 1); // Rounding might reach the end.
    this.#writer.draw(this.#draws, this.#records, at);
    const place = (tick < 0 ? tick : this.#hand) + delay;
    const slot = place < size ? place : place - size;
    this.#next[at] = this.#ticks[slot]!;
    this.#ticks[slot] = at;
  }
}
