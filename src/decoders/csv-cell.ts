import { isUtf8 } from 'node:buffer';
import { READABLE_BEYOND } from '../core/decoder.ts';
import type { CsvRecord } from './csv-record.ts';

const TAB = 0x09;
const BLANK = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const DELETE = 0x7f;

/** The text of a cell: where it stands, which is elsewhere if quotes in it are doubled. */
export class CsvCell {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  from = 0;
  to = 0;
  #source = this.bytes;
  #sourceView = this.view;
  #scratch = new Uint8Array(256);
  #scratchView = new DataView(this.#scratch.buffer);

  /** Turns to a cell of a record that begins at `start`. */
  take(bytes: Uint8Array<ArrayBuffer>, record: CsvRecord, start: number, cell: number): void {
    if (bytes !== this.#source) {
      this.#source = bytes;
      this.#sourceView = new DataView(bytes.buffer, bytes.byteOffset);
    }
    this.bytes = bytes;
    this.view = this.#sourceView;
    this.from = record.begin(cell);
    this.to = record.endOf(cell);
    const isQuoted = this.from > start && bytes[this.from - 1] === QUOTE;
    if (isQuoted && this.#has(QUOTE)) this.#undouble();
  }

  get isEmpty(): boolean {
    return this.from === this.to;
  }

  /** Leaves out blanks and tabs around it. */
  trim(): void {
    const { bytes } = this;
    while (this.from < this.to && isBlank(bytes[this.from]!)) this.from++;
    while (this.from < this.to && isBlank(bytes[this.to - 1]!)) this.to--;
  }

  get hasControl(): boolean {
    const { bytes, to } = this;
    for (let at = this.from; at < to; at++)
      if (bytes[at]! < BLANK || bytes[at] === DELETE) return true;
    return false;
  }

  /** Whether it is UTF-8. */
  get isText(): boolean {
    const { bytes, from, to } = this;
    for (let at = from; at < to; at++)
      if (bytes[at]! > DELETE) return isUtf8(bytes.subarray(from, to));
    return true;
  }

  /** Whether its text in a row of plain cells is a cell with nothing but itself in it. */
  get isPlain(): boolean {
    return !this.isEmpty && !this.hasControl && !this.#has(QUOTE) && !this.#has(COMMA);
  }

  toString(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.from, this.to));
  }

  #has(byte: number): boolean {
    for (let at = this.from; at < this.to; at++) if (this.bytes[at] === byte) return true;
    return false;
  }

  #undouble(): void {
    const { bytes, from, to } = this;
    const needed = to - from + READABLE_BEYOND;
    if (needed > this.#scratch.length) {
      this.#scratch = new Uint8Array(2 * needed);
      this.#scratchView = new DataView(this.#scratch.buffer);
    }
    let length = 0;
    for (let at = from; at < to; at++) {
      if (bytes[at] === QUOTE) at++;
      this.#scratch[length++] = bytes[at]!;
    }
    this.#scratch[length] = QUOTE; // as behind any quoted cell
    this.bytes = this.#scratch;
    this.view = this.#scratchView;
    this.from = 0;
    this.to = length;
  }
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB;
}
