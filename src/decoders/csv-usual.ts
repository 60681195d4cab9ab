import { type Chunk, MAX_RECORD_BYTES } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { CsvForm } from './csv-form.ts';
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

// What is in a column, as `CsvForm` has it.
const SUBJECT = 1;
const TIME = 2;
const TYPE = 3;
const ID = 4;
const VALUE = 5;

/**
 * Reads usual rows: of the form of the last one that was read by the book, without quotes, of known names, and nothing
 * around times and numbers.
 *
 * A name is not checked here: one that is known was checked when it was new, and holds nothing that could be a
 * delimiter or a quote.
 */
export class CsvUsual {
  readonly #known: KnownNames;
  readonly #times: CsvTime;
  readonly #value = new CsvValue();
  readonly #form: CsvForm;

  constructor(form: CsvForm, known: KnownNames, times: CsvTime) {
    this.#form = form;
    this.#known = known;
    this.#times = times;
  }

  /** Reads rows up to one that is not usual. Returns where that begins. */
  read(chunk: Chunk, view: DataView, from: number, to: number, batch: EventBatch): number {
    const { time, subject, type, scale, places, position, line: lines } = batch;
    const { bytes, offset } = chunk;
    const known = this.#known;
    const times = this.#times;
    const value = this.#value;
    const { roles, width, lineEnd } = this.#form;
    const last = width - 1;
    const hasId = this.#form.places!.id >= 0;
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
