import { type Chunk, MAX_RECORD_BYTES, READABLE_BEYOND, TOO_LONG } from '../../core/decoder.ts';
import type { RejectRecord } from '../../core/rejects.ts';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Small enough that bytes are still in the processor's cache when they are decoded. */
const READ_BYTES = 256 << 10;
/** What a buffer must hold: the longest record, a read, a mark in front, a line end, and more to look at. */
export const BUFFER_BYTES = MAX_RECORD_BYTES + READ_BYTES + 4 + READABLE_BEYOND;

/** Where reading of an input begins. */
export interface BufferStart {
  /** In bytes from the input's start. */
  readonly offset: number;
  /** Lines in front of it. */
  readonly lines: number;
  readonly blank: number;
  /** Whether the rest of a line is to be skipped first. */
  readonly withinLine: boolean;
  /** What its first row says of all others, where the decoder wants to know and reading begins behind it. */
  readonly head?: unknown;
  /** Gets the bytes that are done with, in order, and where they stand in the input. */
  readonly onDone?: ((bytes: Uint8Array, offset: number) => void) | undefined;
}

/** Cuts an input's bytes, as they come, into whole lines. */
export class RecordBuffer {
  readonly chunk: Chunk;
  /** Bytes that were read and not yet decoded. */
  filled = 0;
  #skipping: boolean;
  /** Whether a line end stands at the end that is not the input's. */
  #isEndAdded = false;
  readonly #onDone: BufferStart['onDone'];

  /** @param bytes - Room for `BUFFER_BYTES`, whatever is in it. */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    { offset, lines, blank, withinLine, head, onDone }: BufferStart,
  ) {
    this.chunk = { bytes, end: 0, ended: false, offset, line: lines + 1, blank, head };
    this.#skipping = withinLine;
    this.#onDone = onDone;
  }

  /** Where in the input decoding goes on. */
  get position(): number {
    return this.chunk.offset - (this.#isEndAdded && this.filled === 0 ? 1 : 0);
  }

  /** Whether the rest of a line is skipped: no record has begun since. */
  get isSkipping(): boolean {
    return this.#skipping;
  }

  /** How many bytes of a record there are, once all that is complete is released: a byte order mark alone is none. */
  get heldBytes(): number {
    return this.filled === this.#markBytes(true) ? 0 : this.filled;
  }

  /** Where the next bytes are to be read to. */
  get space(): Uint8Array<ArrayBuffer> {
    return this.chunk.bytes.subarray(this.filled, this.filled + READ_BYTES);
  }

  /**
   * Takes note of what was read.
   *
   * @param ended - Whether no more will come: then a line without its end is a line.
   * @returns Where whole lines stand in `chunk.bytes`.
   */
  accept(count: number, ended: boolean): { from: number; to: number } {
    const { bytes } = this.chunk;
    this.filled += count;
    if (this.filled > 0 && this.heldBytes === 0 && !ended) return { from: 0, to: 0 };
    const mark = this.#markBytes(ended);
    if (ended && this.filled > mark && bytes[this.filled - 1] !== NEWLINE) {
      bytes[this.filled++] = NEWLINE;
      this.#isEndAdded = true;
    }
    this.chunk.end = this.filled;
    this.chunk.ended = ended;
    let from = 0;
    let to = bytes.subarray(0, this.filled).lastIndexOf(NEWLINE) + 1;
    if (this.#skipping) {
      from = to === 0 ? this.filled : bytes.indexOf(NEWLINE) + 1;
      this.#skipping = to === 0;
      to = Math.max(from, to);
    }
    // Taken off with the first line, not before: else that line would seem to begin behind it.
    return { from: from === 0 && to > 0 ? mark : from, to };
  }

  /** Forgets the bytes in front of `at`, and a line that is too long. */
  release(at: number, ended: boolean, reject: RejectRecord): void {
    const { chunk } = this;
    const mark = this.#markBytes(ended);
    this.#done(at);
    chunk.bytes.copyWithin(0, at, this.filled);
    chunk.offset += at;
    this.filled -= at;
    if (this.filled - mark > MAX_RECORD_BYTES + 1 && !ended) {
      reject(TOO_LONG, chunk.bytes, 0, this.filled);
      this.#done(this.filled);
      chunk.line++;
      chunk.offset += this.filled;
      this.filled = 0;
      this.#skipping = true;
    }
  }

  #done(count: number): void {
    const added = this.#isEndAdded && count === this.filled ? 1 : 0;
    if (count > added)
      this.#onDone?.(this.chunk.bytes.subarray(0, count - added), this.chunk.offset);
  }

  /** Length of the byte order mark that is still in front, where input ended within it: of what there is of it. */
  #markBytes(ended: boolean): number {
    const { bytes, offset } = this.chunk;
    const length = ended ? Math.min(this.filled, BYTE_ORDER_MARK.length) : BYTE_ORDER_MARK.length;
    if (offset > 0 || this.filled < length) return 0;
    return BYTE_ORDER_MARK.every((byte, i) => i >= length || bytes[i] === byte) ? length : 0;
  }
}

/** Behind the first line end from here on, at most `end`, which stands behind one. */
export function lineEndBehind(bytes: Uint8Array, from: number, end: number): number {
  return from < end ? bytes.indexOf(NEWLINE, from) + 1 : end;
}
