import { closeSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { DaybookError } from '../../core/errors.ts';
import type { ByteReader } from '../../core/source.ts';
import { openSpillFile } from './spill-file.ts';

const PIECE_BYTES = 64 << 10;

/** Bytes of inputs that cannot stay open, in one file that vanishes with the process. */
export class PutAside {
  #descriptor: number | undefined;
  #written = 0;

  /**
   * Puts aside all that is left of an input.
   *
   * @param read - Reads on in it, as a `ByteReader` does.
   * @returns Who reads that. It need not be closed.
   * @throws DaybookError `SPILL_FAILED`, or what `read` throws.
   */
  async take(read: (into: Uint8Array) => Promise<number>): Promise<ByteReader> {
    const from = this.#written;
    const bytes = new Uint8Array(PIECE_BYTES);
    for (let count = await read(bytes); count > 0; count = await read(bytes))
      this.#write(bytes.subarray(0, count));
    return new AsideReader(this.#descriptor, from, this.#written);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(bytes: Uint8Array): void {
    try {
      this.#descriptor ??= openSpillFile();
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#written);
        this.#written += count;
        done += count;
      }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DaybookError(
        'SPILL_FAILED',
        `cannot put aside in ${tmpdir()} what is compressed in many inputs of one time (${reason}); make room, set TMPDIR to another folder, or decompress them first`,
        { cause },
      );
    }
  }
}

/** Reads one input's part of what was put aside. Of the input as it is stored nothing is left to be taken. */
class AsideReader implements ByteReader {
  readonly consumedBytes = 0;
  readonly #descriptor: number | undefined;
  readonly #end: number;
  #at: number;

  /** @param descriptor - Undefined where nothing was put aside so far. */
  constructor(descriptor: number | undefined, from: number, end: number) {
    this.#descriptor = descriptor;
    this.#at = from;
    this.#end = end;
  }

  read(into: Uint8Array): number {
    const length = Math.min(into.length, this.#end - this.#at);
    if (length === 0 || this.#descriptor === undefined) return 0;
    const count = readSync(this.#descriptor, into, 0, length, this.#at);
    this.#at += count;
    return count;
  }

  close(): void {}
}
