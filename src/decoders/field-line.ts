import { type Chunk, MAX_RECORD_BYTES, TOO_LONG } from '../core/decoder.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import type { Learner } from './learner.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;

/** Reads any line of fields between blanks by the book: slower than the usual way, and never wrong. */
export abstract class FieldLine {
  /** Where the first three fields of the line begin and end. */
  protected readonly fields: Int32Array = new Int32Array(6);

  /**
   * Reads the line that begins at `from` into the batch, or says why not.
   *
   * @returns Where the next line begins.
   */
  decode(chunk: Chunk, from: number, batch: EventBatch, reject: RejectRecord): number {
    const { bytes } = chunk;
    const next = bytes.indexOf(NEWLINE, from) + 1;
    const end = bytes[next - 2] === RETURN && next - 2 >= from ? next - 2 : next - 1;
    const count = end - from > MAX_RECORD_BYTES ? Number.NaN : this.#split(bytes, from, end);
    if (count === 0) chunk.blank++;
    else {
      const reason = Number.isNaN(count) ? TOO_LONG : this.read(chunk, from, count, batch);
      if (reason !== undefined) reject(reason, bytes, from, end);
    }
    chunk.line++;
    return next;
  }

  /** Tells of the names of the last line, which became this event. */
  abstract teach(learner: Learner, batch: EventBatch, event: number): void;

  /** Reads a line of so many fields, four standing for more. Returns why it is no record, if so. */
  protected abstract read(
    chunk: Chunk,
    from: number,
    count: number,
    batch: EventBatch,
  ): string | undefined;

  /** Finds the fields of a line. Returns how many there are, though at most four. */
  #split(bytes: Uint8Array, from: number, end: number): number {
    let count = 0;
    for (let at = from; at < end && count < 4; count++) {
      while (at < end && isBlank(bytes[at]!)) at++;
      if (at === end) break;
      const begin = at;
      while (at < end && !isBlank(bytes[at]!)) at++;
      if (count < 3) {
        this.fields[2 * count] = begin;
        this.fields[2 * count + 1] = at;
      }
    }
    return count;
  }
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB;
}

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
