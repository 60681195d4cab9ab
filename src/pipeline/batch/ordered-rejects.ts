import type { Reject, RejectSink, SegmentReject } from '../../core/rejects.ts';
import type { Segment } from '../read/segment.ts';

/** What rejects that wait for those of an earlier segment may take of memory, roughly. */
const WAITING_BYTES = 8 << 20;
const REJECT_BYTES = 200;

/**
 * Brings the rejects of segments that are read side by side into the order of the log, and counts their
 * lines from the start of the input. A lane that is far ahead waits, so that memory stays bounded.
 */
export class OrderedRejects {
  readonly #sink: RejectSink;
  /** The segment with which the stretch begins whose rejects are written next. */
  #turn = 0;
  /** Rank of the input whose lines are counted, and how many stand in front of the turn. */
  #rank = 0;
  #linesBefore = 0;
  #waiting = new Map<number, Reject[]>();
  #waitingBytes = 0;
  #done = new Map<number, { first: Segment; last: Segment; lines: number }>();
  #moved = Promise.withResolvers<void>();
  #written: Promise<void> = Promise.resolve();

  constructor(sink: RejectSink) {
    this.#sink = sink;
  }

  /**
   * Takes rejects of the stretch that begins with a segment, lines counted from its start. Settles when
   * the lane may go on.
   */
  async push(first: Segment, rejects: readonly SegmentReject[]): Promise<void> {
    while (first.index !== this.#turn && this.#waitingBytes > WAITING_BYTES) {
      await this.#moved.promise;
    }
    const input = first.input.name;
    const waiting = this.#waiting.get(first.index) ?? [];
    this.#waiting.set(first.index, waiting);
    for (const reject of rejects) waiting.push({ input, ...reject });
    this.#waitingBytes += bytesOf(rejects);
    if (first.index === this.#turn) this.#write(first.rank);
    await this.#written;
  }

  /** Says that the stretch from one segment to another is done, with so many lines. */
  async done(first: Segment, last: Segment, lines: number): Promise<void> {
    this.#done.set(first.index, { first, last, lines });
    for (let next = this.#done.get(this.#turn); next; next = this.#done.get(this.#turn)) {
      this.#write(next.first.rank);
      this.#done.delete(this.#turn);
      this.#turn = next.last.index + 1;
      this.#linesBefore += next.lines;
    }
    await this.#written;
  }

  /** Writes what waits for the stretch whose turn it is, of the input with this rank. */
  #write(rank: number): void {
    if (rank !== this.#rank) this.#linesBefore = 0;
    this.#rank = rank;
    const waiting = this.#waiting.get(this.#turn) ?? [];
    this.#waiting.delete(this.#turn);
    this.#waitingBytes -= bytesOf(waiting);
    const placed = waiting.map((reject) => ({ ...reject, line: this.#linesBefore + reject.line }));
    if (placed.length > 0) this.#written = this.#written.then(() => this.#sink(placed));
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}

function bytesOf(rejects: readonly SegmentReject[]): number {
  return rejects.reduce((sum, { text }) => sum + REJECT_BYTES + text.length, 0);
}
