import { type Chunk, MAX_RECORD_BYTES, TOO_LONG } from '../core/decoder.ts';
import type { EventBatch } from '../core/event-batch.ts';
import { END, START } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import type { SessionClock } from './session-clock.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const COLON = 0x3a;
const START_MARKER = Buffer.from('Start');
const END_MARKER = Buffer.from('End');

/** The time of a record as the two little-endian words of `HH:MM:SS`, and the instant it stands for. */
export interface PreviousTime {
  readonly hourWord: number;
  readonly secondWord: number;
  readonly instant: number;
}

/** Reads any line of a session log by the book: slower than the usual way, and never wrong. */
export class SessionLine {
  readonly clock: SessionClock;
  /** The time of the last valid record. */
  previous: PreviousTime | undefined;
  readonly #ignoreExtra: boolean;
  /** Where the first three fields begin and end. */
  readonly #fields = new Int32Array(6);

  constructor(clock: SessionClock, ignoreExtra: boolean) {
    this.clock = clock;
    this.#ignoreExtra = ignoreExtra;
  }

  /** Where the name of the last record begins and ends in its chunk. */
  get nameFrom(): number {
    return this.#fields[2]!;
  }

  get nameTo(): number {
    return this.#fields[3]!;
  }

  /**
   * Reads the line that begins at `from` into the batch, or says why not.
   *
   * @returns Where the next line begins.
   */
  decode(chunk: Chunk, from: number, batch: EventBatch, reject: RejectRecord): number {
    const { bytes } = chunk;
    const next = bytes.indexOf(NEWLINE, from) + 1;
    const end = bytes[next - 2] === RETURN && next - 2 >= from ? next - 2 : next - 1;
    const count = end - from > MAX_RECORD_BYTES ? Number.NaN : this.#split(bytes, from, end);
    if (count === 0) chunk.blank++;
    else {
      const reason = Number.isNaN(count) ? TOO_LONG : this.#read(chunk, from, count, batch);
      if (reason !== undefined) reject(reason, bytes, from, end);
    }
    chunk.line++;
    return next;
  }

  /** Finds the fields of a line. Returns how many there are, though at most four. */
  #split(bytes: Uint8Array, from: number, end: number): number {
    let count = 0;
    for (let at = from; at < end && count < 4; count++) {
      while (at < end && isBlank(bytes[at]!)) at++;
      if (at === end) break;
      const begin = at;
      while (at < end && !isBlank(bytes[at]!)) at++;
      if (count < 3) {
        this.#fields[2 * count] = begin;
        this.#fields[2 * count + 1] = at;
      }
    }
    return count;
  }

  /** Reads a line of so many fields. Returns why it is no record, if so. */
  #read(chunk: Chunk, from: number, count: number, batch: EventBatch): string | undefined {
    if (count < 3 || (count > 3 && !this.#ignoreExtra)) return 'field count';
    const { bytes, offset, line } = chunk;
    const fields = this.#fields;
    const time = fields[0]!;
    const second = fields[1]! - time === 8 ? secondOfDay(bytes, time) : -1;
    if (second < 0) return 'time';
    if (!isName(bytes, fields[2]!, fields[3]!)) return 'name';
    const start = equals(bytes, fields[4]!, fields[5]!, START_MARKER);
    if (!start && !equals(bytes, fields[4]!, fields[5]!, END_MARKER)) return 'marker';
    const instant = this.clock.instantAt(second);
    this.previous = { hourWord: wordAt(bytes, time), secondWord: wordAt(bytes, time + 4), instant };
    const i = batch.length++;
    batch.time[i] = instant;
    batch.subject[i] = batch.names.add(bytes, fields[2]!, fields[3]!);
    batch.kind[i] = start ? START : END;
    batch.position[i] = offset + from;
    batch.line[i] = line;
    return undefined;
  }
}

function isBlank(byte: number): boolean {
  return byte === BLANK || byte === TAB;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function isName(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    const letter = byte | 0x20;
    if (!isDigit(byte) && !(letter >= 0x61 && letter <= 0x7a)) return false;
  }
  return to > from;
}

function equals(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Seconds since midnight of the `HH:MM:SS` at a place, −1 if there is no such time. */
function secondOfDay(bytes: Uint8Array, at: number): number {
  if (bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1;
  const hours = twoDigits(bytes, at);
  const minutes = twoDigits(bytes, at + 3);
  const seconds = twoDigits(bytes, at + 6);
  const exists =
    hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  return exists ? hours * 3600 + minutes * 60 + seconds : -1;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1;
}
