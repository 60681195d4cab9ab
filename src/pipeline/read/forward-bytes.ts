import type { ByteReader } from '../../core/source.ts';

/** Stretches of an input, read from its front to its back, which may overlap. */
export class ForwardBytes {
  readonly #reader: ByteReader;
  readonly #bytes: Uint8Array;
  /** Offset of the first byte that is held, and how many are. */
  #offset: number;
  #held = 0;

  /**
   * @param offset - Where the reader was opened.
   * @param capacity - Bytes of the longest stretch.
   */
  constructor(reader: ByteReader, offset: number, capacity: number) {
    this.#reader = reader;
    this.#offset = offset;
    this.#bytes = new Uint8Array(capacity);
  }

  /**
   * Bytes from an offset on, not in front of that of the stretch before; fewer where the input ends.
   *
   * @returns A view, valid until the next stretch is read.
   * @throws DaybookError `SOURCE_UNREADABLE`
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    while (offset >= this.#offset + this.#held) {
      this.#offset += this.#held;
      this.#held = 0;
      if (offset === this.#offset || !(await this.#fill(this.#bytes.length))) break;
    }
    const passed = Math.min(offset - this.#offset, this.#held);
    this.#bytes.copyWithin(0, passed, this.#held);
    this.#offset += passed;
    this.#held -= passed;
    while (this.#held < length && (await this.#fill(length)));
    return this.#bytes.subarray(0, Math.min(length, this.#held));
  }

  /** Reads more, up to so many bytes that are held. Returns whether there was more. */
  async #fill(most: number): Promise<boolean> {
    const count = await this.#reader.read(this.#bytes.subarray(this.#held, most));
    this.#held += count;
    return count > 0;
  }
}
