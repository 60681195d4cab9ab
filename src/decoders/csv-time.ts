import { DAY, SECOND } from '../core/time.ts';
import { EPOCH_UNITS, type EpochUnit } from './epoch-unit.ts';
import { isDigit } from './field-line.ts';
import { LocalClock } from './local-clock.ts';
import { secondOfDay } from './second-of-day.ts';

const MINUTE = 60 * SECOND;
const BLANK = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const COLON = 0x3a;
const LOWER_T = 0x74;
const LOWER_Z = 0x7a;
// Four bytes as little-endian words.
const ZEROS = 0x30303030;
const SIXES = 0x06060606;
const HIGH_HALVES = 0xf0f0f0f0;
/** Makes a letter a small one. */
const SMALL = 0x20;
/** The greatest number and the greatest time: up to it, every whole number is a double. */
const GREATEST = 2 ** 53;

/** How times are written. */
export interface CsvTimeOptions {
  /** What bare numbers count since the epoch. */
  readonly timeUnit: keyof typeof EPOCH_UNITS;
  /** IANA zone of times that name none; without it they are rejects. */
  readonly zone?: string | undefined;
}

/**
 * Reads times from bytes: RFC 3339, also with a blank in it and as PostgreSQL writes it, and whole numbers
 * since the epoch. Digits finer than a millisecond are cut.
 */
export class CsvTime {
  /** Behind the last time that was read. */
  end = 0;
  /** Whether it was a time of day in a zone that nobody named. */
  lacksZone = false;
  readonly #unit: EpochUnit;
  readonly #clock: LocalClock | undefined;
  // The date of the last time: its bytes, and when it begins.
  #yearWord = 0;
  #monthWord = 0;
  #dayWord = 0;
  #day = Number.NaN;

  constructor({ timeUnit, zone }: CsvTimeOptions) {
    this.#unit = EPOCH_UNITS[timeUnit];
    this.#clock = zone === undefined ? undefined : new LocalClock(zone);
  }

  /**
   * The time that begins at a place, in whole milliseconds since the epoch; NaN if there is none.
   *
   * Reads on up to a byte that cannot belong to it: whether that is the end of the cell is for others to see.
   */
  read(view: DataView, at: number): number {
    this.lacksZone = false;
    const year = view.getInt32(at, true);
    const month = view.getInt32(at + 4, true);
    const dayWord = view.getInt16(at + 8, true);
    // Records of one day follow each other, so most have the date of the one before.
    if (year !== this.#yearWord || month !== this.#monthWord || dayWord !== this.#dayWord) {
      const digits = year ^ ZEROS;
      const isYear = ((digits | (digits + SIXES)) & HIGH_HALVES) === 0;
      if (!isYear || view.getUint8(at + 4) !== MINUS) return this.#readNumber(view, at);
      this.#day = dayAt(view, at);
      this.#yearWord = year;
      this.#monthWord = month;
      this.#dayWord = dayWord;
    }
    const separator = view.getUint8(at + 10);
    const second = secondOfDay(view.getInt32(at + 11, true), view.getInt32(at + 15, true));
    this.end = at + 19;
    if ((separator !== BLANK && (separator | SMALL) !== LOWER_T) || second < 0) return Number.NaN;
    const fraction = view.getUint8(this.end) === DOT ? this.#readFraction(view) : 0;
    return this.#readZone(view, this.#day + second * SECOND + fraction);
  }

  /** Reads a dot and what is behind it, as milliseconds. */
  #readFraction(view: DataView): number {
    const first = this.end + 1;
    let at = first;
    let fraction = 0;
    let weight = 100;
    for (let digit = view.getUint8(at) - 0x30; digit >= 0 && digit <= 9; ) {
      fraction += digit * weight;
      weight = weight === 100 ? 10 : weight === 10 ? 1 : 0;
      digit = view.getUint8(++at) - 0x30;
    }
    this.end = at;
    return at === first ? Number.NaN : fraction;
  }

  /** The instant of what a clock shows in the zone that stands behind it. */
  #readZone(view: DataView, local: number): number {
    const at = this.end;
    let zone = at;
    let sign = view.getUint8(zone);
    if (sign === BLANK) sign = view.getUint8(++zone);
    if ((sign | SMALL) === LOWER_Z) {
      this.end = zone + 1;
      return local;
    }
    if (sign !== PLUS && sign !== MINUS) {
      this.lacksZone = this.#clock === undefined && !Number.isNaN(local);
      return this.#clock === undefined || Number.isNaN(local)
        ? Number.NaN
        : this.#clock.instantOf(local);
    }
    const hours = twoDigits(view, zone + 1);
    this.end = zone + 3;
    let minutes = 0;
    const behind = view.getUint8(this.end);
    if (behind === COLON || isDigit(behind)) {
      minutes = twoDigits(view, zone + (behind === COLON ? 4 : 3));
      this.end = zone + (behind === COLON ? 6 : 5);
    }
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
    const ahead = (hours * 60 + minutes) * MINUTE;
    return sign === PLUS ? local - ahead : local + ahead;
  }

  #readNumber(view: DataView, from: number): number {
    const isNegative = view.getUint8(from) === MINUS;
    let at = isNegative ? from + 1 : from;
    let number = 0;
    const first = at;
    for (let digit = view.getUint8(at) - 0x30; digit >= 0 && digit <= 9; ) {
      // The sum of both would be rounded there.
      number = number * 10 > GREATEST - digit ? Number.NaN : number * 10 + digit;
      digit = view.getUint8(++at) - 0x30;
    }
    this.end = at;
    if (at === first) return Number.NaN;
    if (isNegative && number > 0) number = -number;
    const { times, per } = this.#unit;
    return Math.abs(number * times) <= GREATEST ? Math.floor((number * times) / per) : Number.NaN;
  }
}

/** When the day of a `YYYY-MM-DD` begins, NaN if there is no such day. */
function dayAt(view: DataView, at: number): number {
  const century = twoDigits(view, at);
  const years = twoDigits(view, at + 2);
  const month = twoDigits(view, at + 5);
  const day = twoDigits(view, at + 8);
  const dashes = view.getUint8(at + 4) === MINUS && view.getUint8(at + 7) === MINUS;
  if (!dashes || century < 0 || years < 0 || month < 1 || month > 12 || day < 1) return Number.NaN;
  const year = century * 100 + years;
  return day > daysIn(year, month) ? Number.NaN : daysBefore(year, month, day) * DAY;
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return 30 + ((month + (month >> 3)) & 1);
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Days since 1 January 1970 of the calendar, which is taken to be the same for all times (H. Hinnant, `days_from_civil`). */
function daysBefore(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1; // years begin with March, so that leap days are their last
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function twoDigits(view: DataView, at: number): number {
  const tens = view.getUint8(at);
  const ones = view.getUint8(at + 1);
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1;
}
