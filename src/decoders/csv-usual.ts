import { type Chunk, MAX_RECORD_BYTES } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { type CsvPlaces, ROLES } from './csv-columns.ts';
import type { CsvRecord } from './csv-record.ts';
import type { CsvTime } from './csv-time.ts';
import { CsvValue } from './csv-value.ts';
import type { KnownNames } from './known-names.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;
// Four bytes as little-endian words.
const COMMAS = 0x2c2c2c2c;
const BEHIND_COMMAS = 0x2d2d2d2d;
const HIGHEST_BITS = 0x80808080;

// What is in a column: nothing that is read, or one of `ROLES`, counted from 1.
const SUBJECT = 1;
const TIME = 2;
const TYPE = 3;
const ID = 4;
const VALUE = 5;

/**
 * Reads usual rows: without quotes, as wide and with such line ends as the last one that was read by the book, known
 * names, and nothing around times and numbers.
 *
 * A name is not checked here: one that is known was checked when it was new, and holds nothing that could be a
 * delimiter or a quote.
 */
export class CsvUsual {
  readonly #known: KnownNames;
  readonly #times: CsvTime;
  readonly #value = new CsvValue();
  #places: CsvPlaces | undefined;
  /** By column, up to the last that is read. */
  #roles = new Uint8Array(0);
  /** Cells of a row; none is usual while there are none. */
  #width = 0;
  /** What a row's last cell ends with. */
  #lineEnd = NEWLINE;

  constructor(known: KnownNames, times: CsvTime) {
    this.#known = known;
    this.#times = times;
  }

  /** Turns to an input with its columns in these places. */
  turnTo(places: CsvPlaces): void {
    if (places === this.#places) return;
    this.#places = places;
    this.#width = 0;
    this.#roles = new Uint8Array(Math.max(...Object.values(places)) + 1);
    for (const [i, role] of ROLES.entries())
      if (places[role] >= 0) this.#roles[places[role]] = i + 1;
  }

  /** Takes the form of a row that was read for that of those behind it. */
  takeForm(bytes: Uint8Array, { count, end }: CsvRecord): void {
    const { length } = ROLES.filter((role) => this.#places![role] >= 0);
    const areApart = this.#roles.reduce((sum, role) => sum + (role > 0 ? 1 : 0), 0) === length;
    this.#width = areApart ? count : 0;
    this.#lineEnd = bytes[end]!;
  }

  /** Reads rows up to one that is not usual. Returns where that begins. */
  read(chunk: Chunk, view: DataView, from: number, to: number, batch: EventBatch): number {
    const { time, subject, type, scale, places, position, line: lines } = batch;
    const { bytes, offset } = chunk;
    const known = this.#known;
    const times = this.#times;
    const value = this.#value;
    const roles = this.#roles;
    const last = this.#width - 1;
    const lineEnd = this.#lineEnd;
    const hasId = this.#places!.id >= 0;
    let { length } = batch;
    let lineNumber = chunk.line;
    let at = from;
    rows: while (at < to && length < EventBatch.CAPACITY && last >= 0) {
      let cell = at;
      let idAt = 0;
      let idEnd = 0;
      for (let column = 0; column <= last; column++) {
        const delimiter = column < last ? COMMA : lineEnd;
        const delimiters = column < last ? COMMAS : lineEnd * 0x01010101;
        let end = 0;
        switch (column < roles.length ? roles[column] : 0) {
          case SUBJECT: {
            const name = known.find(view, cell, to, delimiters);
            if (name < 0) break rows;
            subject[length] = name;
            end = known.end;
            break;
          }
          case TYPE: {
            const name = known.find(view, cell, to, delimiters);
            if (name < 0) break rows;
            type[length] = name;
            end = known.end;
            break;
          }
          case TIME: {
            const instant = times.read(view, cell);
            if (Number.isNaN(instant)) break rows;
            time[length] = instant;
            end = times.end;
            break;
          }
          case VALUE: {
            const whole = value.readShort(bytes, cell);
            if (Number.isNaN(whole)) break rows;
            batch.value[length] = BigInt(whole);
            scale[length] = value.places;
            end = value.end;
            break;
          }
          case ID:
            end = asciiEnd(view, cell);
            if (end <= cell) break rows;
            idAt = cell;
            idEnd = end;
            break;
          default:
            end = cellEnd(view, cell);
        }
        if (bytes[end] !== delimiter) break rows;
        cell = end + 1;
      }
      if (lineEnd === RETURN) {
        if (bytes[cell] !== NEWLINE) break;
        cell++;
      }
      if (cell - at > MAX_RECORD_BYTES) break;
      if (hasId) batch.id.append(bytes, idAt, idEnd);
      if (places) {
        position[length] = offset + at;
        lines[length] = lineNumber;
      }
      lineNumber++;
      length++;
      at = cell;
    }
    batch.length = length;
    chunk.line = lineNumber;
    return at;
  }
}

/** Where the first comma, quote or line end stands. */
function cellEnd(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const word = view.getInt32(at, true);
    for (let found = lowBytes(word); found !== 0; found &= found - 1) {
      const bit = 31 - Math.clz32(found & -found);
      if (isDelimiter((word >>> (bit & 24)) & 0xff)) return at + (bit >>> 3);
    }
  }
}

/** The same, −1 if anything in front of it is not ASCII. */
function asciiEnd(view: DataView, from: number): number {
  for (let at = from; ; at += 4) {
    const word = view.getInt32(at, true);
    for (let found = lowBytes(word); found !== 0; found &= found - 1) {
      const bit = 31 - Math.clz32(found & -found);
      if (!isDelimiter((word >>> (bit & 24)) & 0xff)) continue;
      return (word & HIGHEST_BITS & ((1 << (bit & 24)) - 1)) === 0 ? at + (bit >>> 3) : -1;
    }
    if ((word & HIGHEST_BITS) !== 0) return -1;
  }
}

/** Marks all bytes of a word that are a comma or less, and perhaps others above them (Hacker's Delight, 6-1). */
function lowBytes(word: number): number {
  return (word - BEHIND_COMMAS) & ~word & HIGHEST_BITS;
}

function isDelimiter(byte: number): boolean {
  return byte === COMMA || byte === NEWLINE || byte === RETURN || byte === QUOTE;
}
