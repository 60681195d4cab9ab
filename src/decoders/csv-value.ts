import { isDigit } from './field-line.ts';

const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
/** So many digits always make a whole number that is a double. */
const SHORT_DIGITS = 15;
const MOST_PLACES = 18;
const MOST_DIGITS = 19;

/** Reads decimals from bytes, exactly: `-12.50` is −1250 with two places. */
export class CsvValue {
  /** Behind the last short one. */
  end = 0;
  /** Decimal places of the last one. */
  places = 0;

  /** The decimal that begins at a place, without its dot; NaN if there is none or it has more than 15 digits. */
  readShort(bytes: Uint8Array, from: number): number {
    const sign = bytes[from]!;
    const first = sign === MINUS || sign === PLUS ? from + 1 : from;
    let at = first;
    let number = 0;
    let places = 0;
    for (; isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
    const isWhole = at > first;
    if (bytes[at] === DOT) {
      const dot = at++;
      for (; isDigit(bytes[at]!); at++) number = number * 10 + bytes[at]! - 0x30;
      places = at - dot - 1;
      if (places === 0) number = Number.NaN;
    }
    this.end = at;
    this.places = places;
    if (!isWhole || at - first > SHORT_DIGITS) return Number.NaN;
    return sign === MINUS ? -number : number;
  }

  /** The same of any length; undefined if there is none, or none that fits 64 bits and 18 places. */
  readLong(bytes: Uint8Array, from: number, to: number): bigint | undefined {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    const [, sign, zeros, front, behind = ''] =
      /^([+-]?)(0*)([0-9]*)(?:[.]([0-9]+))?$/.exec(text) ?? [];
    if (sign === undefined || zeros + front! === '') return undefined;
    // Zeros at the end say nothing, and are left out where there is no room for them.
    for (const decimals of [behind, withoutLastZeros(behind)]) {
      if (decimals.length > MOST_PLACES || front!.length > MOST_DIGITS) continue;
      const whole = BigInt(`${sign === '-' ? '-' : ''}0${front}${decimals}`);
      if (BigInt.asIntN(64, whole) !== whole) continue;
      this.places = decimals.length;
      return whole;
    }
    return undefined;
  }
}

function withoutLastZeros(digits: string): string {
  let to = digits.length;
  while (to > 0 && digits[to - 1] === '0') to--;
  return digits.slice(0, to);
}
