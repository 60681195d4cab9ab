import { createHash } from 'node:crypto';
import type { RunInput } from '../core/run-history.ts';

/** Rows of a stream, one after the other, and what was read when all were. */
export class PortionReader<Row extends object> {
  readonly #name: string;
  readonly #portions: AsyncIterator<readonly Row[]>;
  readonly #canonical: (row: Row) => string;
  readonly #hash = createHash('sha256');
  #rows = 0;
  #next: Promise<IteratorResult<readonly Row[]>>;

  /**
   * Begins to read.
   *
   * @param canonical - A row as text; rows that differ have other texts.
   */
  constructor(name: string, rows: AsyncIterable<readonly Row[]>, canonical: (row: Row) => string) {
    this.#name = name;
    this.#portions = rows[Symbol.asyncIterator]();
    this.#canonical = canonical;
    this.#next = this.#ask();
  }

  /** The next rows, none at the end. */
  async take(): Promise<readonly Row[]> {
    for (;;) {
      const { done, value } = await this.#next;
      if (done) return [];
      this.#next = this.#ask();
      if (value.length === 0) continue;
      this.#rows += value.length;
      let text = '';
      for (const row of value) text += `${this.#canonical(row)}\n`;
      this.#hash.update(text);
      return value;
    }
  }

  /** What was read so far. */
  get input(): RunInput {
    return { name: this.#name, rows: this.#rows, digest: this.#hash.copy().digest('hex') };
  }

  #ask(): Promise<IteratorResult<readonly Row[]>> {
    const next = this.#portions.next();
    next.catch(() => {}); // Told when it is waited for, if ever.
    return next;
  }
}
