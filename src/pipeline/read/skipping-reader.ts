import type { ByteReader, Input, Source } from '../../core/source.ts';

const SKIPPED_BYTES = 1 << 18;

/** Opens an input at any byte: one that cannot be cut is read up to there. */
export function openAt(source: Source, input: Input, at: number): ByteReader {
  return input.splittable || at === 0
    ? source.open(input, at)
    : new SkippingReader(source.open(input, 0), at);
}

class SkippingReader implements ByteReader {
  readonly #reader: ByteReader;
  #toSkip: number;

  constructor(reader: ByteReader, toSkip: number) {
    this.#reader = reader;
    this.#toSkip = toSkip;
  }

  get consumedBytes(): number {
    return this.#reader.consumedBytes;
  }

  async read(into: Uint8Array): Promise<number> {
    const skipped = new Uint8Array(Math.min(this.#toSkip, SKIPPED_BYTES));
    while (this.#toSkip > 0) {
      const count = await this.#reader.read(skipped.subarray(0, this.#toSkip));
      if (count === 0) return 0;
      this.#toSkip -= count;
    }
    return this.#reader.read(into);
  }

  close(): void {
    this.#reader.close();
  }
}
