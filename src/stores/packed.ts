import { crc32 } from 'node:zlib';

/** What was packed is not what it was. */
export class Damaged extends Error {}

/**
 * Whole numbers within ±2^53 and texts, packed: each column of numbers in the fewest bytes that hold what its
 * numbers are above the least of them.
 *
 * Layout of a column of numbers: a byte of two halves, the width of the least number and that of the others, in bytes
 * (0, 1, 2, 4 or 8); the least number; then the others less that. All numbers are little-endian, of 8 bytes a double.
 */
export class Packer {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  /** What was packed: a view, valid until more is. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was packed. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds numbers of a column from one on. */
  numbers(column: ArrayLike<number>, from: number, to: number): void {
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = from; i < to; i++) {
      if (column[i]! < least) least = column[i]!;
      if (column[i]! > greatest) greatest = column[i]!;
    }
    if (from === to) least = greatest = 0;
    const width = widthOf(greatest - least);
    this.#head(width, least);
    this.#room((to - from) * width);
    const bytes = this.#bytes;
    let at = this.#length;
    if (width === 1) for (let i = from; i < to; i++) bytes[at++] = column[i]! - least;
    else if (width === 2) {
      for (let i = from; i < to; i++, at += 2) {
        const number = column[i]! - least;
        bytes[at] = number;
        bytes[at + 1] = number >> 8;
      }
    } else if (width === 4)
      for (let i = from; i < to; i++) at = bytes.writeUInt32LE(column[i]! - least, at);
    else if (width === 8) for (let i = from; i < to; i++) at = bytes.writeDoubleLE(column[i]!, at);
    this.#length = at;
  }

  /** Adds numbers that mostly rise evenly: as steps. */
  steps(column: ArrayLike<number>, from: number, to: number): void {
    const first = from < to ? column[from]! : 0;
    const steps = new Float64Array(to - from);
    for (let i = from + 1; i < to; i++) steps[i - from] = column[i]! - column[i - 1]!;
    // A step may be twice as long as the greatest number, and so not exact.
    const exact = steps.every((step) => Math.abs(step) <= 2 ** 52);
    this.#head(exact ? 1 : 0, first);
    if (exact) this.numbers(steps, Math.min(1, steps.length), steps.length);
    else this.numbers(column, from, to);
  }

  /** Adds 64-bit numbers. */
  longs(column: BigInt64Array<ArrayBuffer>, from: number, to: number): void {
    const isSmall = column.subarray(from, to).every((long) => long >= -SMALL && long <= SMALL);
    this.#head(isSmall ? 1 : 8, 0);
    if (isSmall) {
      this.numbers(Float64Array.from(column.subarray(from, to), Number), 0, to - from);
      return;
    }
    this.#room(8 * (to - from));
    for (let i = from; i < to; i++)
      this.#length = this.#bytes.writeBigInt64LE(column[i]!, this.#length);
  }

  /** Adds bytes as they are, behind their number. */
  raw(bytes: Uint8Array): void {
    this.#head(1, bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Adds a checksum of all that was packed, behind it. */
  seal(): void {
    const sum = crc32(this.bytes);
    this.#room(4);
    this.#length = this.#bytes.writeUInt32LE(sum, this.#length);
  }

  #head(width: number, least: number): void {
    this.#room(9);
    const leastWidth = leastWidthOf(least);
    this.#bytes[this.#length++] = leastWidth * 16 + width;
    this.#put(leastWidth, least);
  }

  #put(width: number, number: number): void {
    if (width === 1) this.#bytes[this.#length] = number;
    else if (width === 2) this.#bytes.writeUInt16LE(number, this.#length);
    else if (width === 4) this.#bytes.writeUInt32LE(number, this.#length);
    else if (width === 8) this.#bytes.writeDoubleLE(number, this.#length);
    this.#length += width;
  }

  #room(needed: number): void {
    if (this.#length + needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + needed));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

const SMALL = 2n ** 52n;

/** Bytes that hold a number from 0 on; 8 are a double, which is not taken from the least. */
function widthOf(range: number): number {
  if (range === 0) return 0;
  if (range < 2 ** 8) return 1;
  if (range < 2 ** 16) return 2;
  return range < 2 ** 32 ? 4 : 8;
}

/** Bytes that hold the least number; 8 are a double. */
function leastWidthOf(least: number): number {
  return least < 0 || Object.is(least, -0) ? 8 : widthOf(least);
}

/** The CRC-32 of any bytes with their own CRC-32 behind them. */
const SEALED = 0x2144df1c;

/** Reads what a `Packer` packed, in the same order. */
export class Unpacker {
  readonly #bytes: Uint8Array;
  #wide: DataView | undefined;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** For numbers that take several bytes, which short columns have none of. */
  get #view(): DataView {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#wide ??= new DataView(buffer, byteOffset, byteLength);
    return this.#wide;
  }

  /** @throws Damaged - The bytes are not those that were sealed. */
  checkSeal(): void {
    if (crc32(this.#bytes) !== SEALED) throw new Damaged('the checksum differs');
  }

  /** Reads numbers into a column. */
  numbers(into: { [index: number]: number }, count: number): void {
    const { width, least } = this.#head();
    const bytes = this.#bytes;
    let at = this.#at;
    if (width === 0) for (let i = 0; i < count; i++) into[i] = least;
    else if (width === 1) for (let i = 0; i < count; i++) into[i] = least + bytes[at++]!;
    else if (width === 2) {
      for (let i = 0; i < count; i++, at += 2)
        into[i] = least + (bytes[at]! | (bytes[at + 1]! << 8));
    } else {
      const view = this.#view;
      if (width === 4)
        for (let i = 0; i < count; i++, at += 4) into[i] = least + view.getUint32(at, true);
      else for (let i = 0; i < count; i++, at += 8) into[i] = view.getFloat64(at, true);
    }
    this.#at += count * width;
  }

  steps(into: { [index: number]: number }, count: number): void {
    const { width, least } = this.#head();
    if (width === 0) {
      this.numbers(into, count);
      return;
    }
    const steps = new Float64Array(Math.max(0, count - 1));
    this.numbers(steps, steps.length);
    let number = least;
    if (count > 0) into[0] = number;
    for (let i = 0; i < steps.length; i++) {
      number += steps[i]!;
      into[i + 1] = number;
    }
  }

  longs(into: { [index: number]: bigint }, count: number): void {
    if (this.#head().width === 1) {
      const numbers = new Float64Array(count);
      this.numbers(numbers, count);
      for (let i = 0; i < count; i++) into[i] = BigInt(numbers[i]!);
      return;
    }
    for (let i = 0; i < count; i++) into[i] = this.#view.getBigInt64(this.#at + 8 * i, true);
    this.#at += 8 * count;
  }

  raw(): Uint8Array {
    const { least: length } = this.#head();
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  #head(): { width: number; least: number } {
    const bytes = this.#bytes;
    const widths = bytes[this.#at++]!;
    const leastWidth = widths >> 4;
    const at = this.#at;
    this.#at += leastWidth;
    const width = widths & 15;
    if (leastWidth === 0) return { width, least: 0 };
    if (leastWidth === 1) return { width, least: bytes[at]! };
    if (leastWidth === 2) return { width, least: this.#view.getUint16(at, true) };
    if (leastWidth === 4) return { width, least: this.#view.getUint32(at, true) };
    return { width, least: this.#view.getFloat64(at, true) };
  }
}
