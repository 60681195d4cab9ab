import type { Chunk } from '../../core/decoder.ts';
import type { EventBatch } from '../../core/event-batch.ts';
import { lineEndBehind } from './record-buffer.ts';

/**
 * Bytes among which two records in a row must tell that the range is over. Blocks are counted from the
 * input's start, so that it does not matter in which pieces it is read.
 */
export const BLOCK_BYTES = 16 << 10;

/** Sees where an input need not be read on: one late record alone may be torn, two in a row are not. */
export class RangeEnd {
  readonly #readUntil: number;
  #border = 0;
  #inRow = 0;

  /** @param readUntil - From this time on records are behind the range, ms since the epoch. */
  constructor(readUntil: number) {
    this.#readUntil = readUntil;
  }

  /** Behind the last record in front of `to` that begins in the same block as the one at `at`. */
  blockEnd({ bytes, offset }: Chunk, at: number, to: number): number {
    const border = Math.floor((offset + at) / BLOCK_BYTES + 1) * BLOCK_BYTES;
    if (border !== this.#border) this.#inRow = 0;
    this.#border = border;
    return lineEndBehind(bytes, border - 1 - offset, to);
  }

  /** Takes note of what was decoded of the block up to `at`. Returns whether reading stops there. */
  isReached({ offset }: Chunk, at: number, { time, length }: EventBatch, from: number): boolean {
    for (let i = from; i < length && this.#inRow < 2; i++)
      this.#inRow = time[i]! >= this.#readUntil ? this.#inRow + 1 : 0;
    return this.#inRow === 2 && offset + at >= this.#border;
  }
}
