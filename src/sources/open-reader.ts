import { closeSync, readSync } from 'node:fs';
import type { ByteReader } from '../core/source.ts';

/** Reads an open file from its start, as it is stored, and closes it. */
export class OpenReader implements Pick<ByteReader, 'read' | 'close'> {
  readonly #descriptor: number;
  #at = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  read(into: Uint8Array): number {
    const length = readSync(this.#descriptor, into, 0, into.length, this.#at);
    this.#at += length;
    return length;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
