/**
 * Texts that are nearly all different, as bytes: one behind the other, in the order they were added.
 *
 * It takes no memory before the first one, and keeps what it has when it is emptied.
 */
export class TextColumn {
  length = 0;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Where each text ends in the bytes. */
  #ends: Uint32Array<ArrayBuffer> = new Uint32Array(0);

  /** Adds the text in `bytes[from, to)`. */
  append(bytes: Uint8Array, from: number, to: number): void {
    const begin = this.#endOf(this.length - 1);
    const end = begin + to - from;
    this.#makeRoom(end, this.length + 1);
    // Most are short: a loop is faster than a view.
    if (to - from > SHORT_BYTES) this.#bytes.set(bytes.subarray(from, to), begin);
    else for (let at = from, into = begin; at < to; at++, into++) this.#bytes[into] = bytes[at]!;
    this.#ends[this.length++] = end;
  }

  /** Adds texts that stand in bytes one behind the other from 0 on, by where each ends. */
  appendAll(bytes: Uint8Array, ends: Uint32Array): void {
    const begin = this.#endOf(this.length - 1);
    const added = ends.at(-1) ?? 0;
    this.#makeRoom(begin + added, this.length + ends.length);
    this.#bytes.set(bytes.subarray(0, added), begin);
    for (const end of ends) this.#ends[this.length++] = begin + end;
  }

  /** Adds all texts of another column. */
  appendColumn(other: TextColumn): void {
    this.appendAll(other.#bytes, other.#ends.subarray(0, other.length));
  }

  /** The bytes of a text: a view, valid until the next one is added. */
  bytesOf(index: number): Uint8Array {
    return this.#bytes.subarray(this.#endOf(index - 1), this.#endOf(index));
  }

  /** The bytes of the texts [from, to), one behind the other: a view, too. */
  bytesBetween(from: number, to: number): Uint8Array {
    return this.#bytes.subarray(this.#endOf(from - 1), this.#endOf(to - 1));
  }

  /** How many bytes a text has. */
  lengthOf(index: number): number {
    return this.#endOf(index) - this.#endOf(index - 1);
  }

  clear(): void {
    this.length = 0;
  }

  /** As plain data. */
  save(): SavedTexts {
    const end = this.#endOf(this.length - 1);
    return { bytes: this.#bytes.slice(0, end), ends: this.#ends.slice(0, this.length) };
  }

  static load({ bytes, ends }: SavedTexts): TextColumn {
    const column = new TextColumn();
    column.#bytes = bytes;
    column.#ends = ends;
    column.length = ends.length;
    return column;
  }

  #makeRoom(bytes: number, texts: number): void {
    if (bytes > this.#bytes.length) this.#bytes = grown(this.#bytes, new Uint8Array(2 * bytes));
    if (texts > this.#ends.length)
      this.#ends = grown(this.#ends, new Uint32Array(Math.max(2 * texts, FIRST_TEXTS)));
  }

  #endOf(index: number): number {
    return index < 0 ? 0 : this.#ends[index]!;
  }
}

/** Texts as plain data: their bytes, one behind the other, and where each ends in them. */
export interface SavedTexts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly ends: Uint32Array<ArrayBuffer>;
}

const FIRST_TEXTS = 1 << 8;
const SHORT_BYTES = 64;

function grown<Column extends Uint8Array | Uint32Array>(column: Column, larger: Column): Column {
  larger.set(column);
  return larger;
}
