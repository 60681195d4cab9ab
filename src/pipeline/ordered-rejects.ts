import type { Reject, RejectSink, SegmentReject } from '../core/rejects.ts';
import type { Segment } from './segment.ts';

/** Rejects that may wait in memory for those of an earlier segment. */
const WAITING_LIMIT = 50_000;

/**
 * Brings the rejects of segments that are read side by side into the order of the log, and counts their
 * lines from the start of the input. A lane that is far ahead waits, so that memory stays bounded.
 */
export class OrderedRejects {
  readonly #sink: RejectSink;
  /** Of all segments in front of this one, the rejects are written. */
  #turn = 0;
  /** Lines of its input that stand in front of it. */
  #linesBefore = 0;
  #waiting = new Map<number, Reject[]>();
  #waitingCount = 0;
  #done = new Map<number, { segment: Segment; lines: number }>();
  #moved = Promise.withResolvers<void>();
  #written: Promise<void> = Promise.resolve();

  constructor(sink: RejectSink) {
    this.#sink = sink;
  }

  /** Takes rejects of a segment, lines counted from its start. Settles when the lane may go on. */
  async push(segment: Segment, rejects: readonly SegmentReject[]): Promise<void> {
    while (segment.index !== this.#turn && this.#waitingCount > WAITING_LIMIT) {
      await this.#moved.promise;
    }
    const input = segment.input.name;
    const waiting = this.#waiting.get(segment.index) ?? [];
    this.#waiting.set(segment.index, waiting);
    for (const reject of rejects) waiting.push({ input, ...reject });
    this.#waitingCount += rejects.length;
    if (segment.index === this.#turn) this.#write();
    await this.#written;
  }

  /** Says that a segment is done, with so many lines. */
  async done(segment: Segment, lines: number): Promise<void> {
    this.#done.set(segment.index, { segment, lines });
    for (
      let next = this.#done.get(this.#turn);
      next !== undefined;
      next = this.#done.get(this.#turn)
    ) {
      this.#write();
      this.#done.delete(this.#turn);
      this.#turn++;
      const ends = next.segment.to >= (next.segment.input.sizeBytes ?? 0);
      this.#linesBefore = ends ? 0 : this.#linesBefore + next.lines;
    }
    await this.#written;
  }

  /** Writes what waits for the segment whose turn it is. */
  #write(): void {
    const waiting = this.#waiting.get(this.#turn) ?? [];
    this.#waiting.delete(this.#turn);
    this.#waitingCount -= waiting.length;
    const placed = waiting.map((reject) => ({ ...reject, line: this.#linesBefore + reject.line }));
    if (placed.length > 0) this.#written = this.#written.then(() => this.#sink(placed));
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }
}
