import { type Chunk, READABLE_BEYOND } from '../core/decoder.ts';
import { areNamed, type CsvColumns, placesOf } from './csv-columns.ts';
import type { CsvRow } from './csv-row.ts';
import { isDigit } from './field-line.ts';

const NEWLINE = 0x0a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** Which columns are read, and whether the first row may be a header. */
export interface CsvHeaderOptions {
  /**
   * A row must have all of them: so ask for a type only where it is looked at. Columns that are named are looked
   * for in the first row of each input.
   */
  readonly columns: CsvColumns;
  /** `auto`: the first row is a header if its time reads like none. `none`: it is one only if columns are named. */
  readonly header: 'auto' | 'none';
}

/** Finds out from the first row of an input which columns are meant, and whether that row is a header. */
export class CsvHeader {
  readonly #options: CsvHeaderOptions;
  readonly #isNamed: boolean;
  readonly #row: CsvRow;

  constructor(options: CsvHeaderOptions, row: CsvRow) {
    this.#options = options;
    this.#isNamed = areNamed(options.columns);
    this.#row = row;
  }

  /**
   * Reads from an input's start up to where records begin, and sets the chunk's head then.
   *
   * @returns Where to read on; where the head is not set, the first row is not complete.
   * @throws DaybookError `USAGE` - There is no such column.
   */
  read(chunk: Chunk, from: number, to: number): number {
    const { columns, header } = this.#options;
    const row = this.#row;
    if (!this.#isNamed && header === 'none') {
      chunk.head = placesOf(columns, []);
      return from;
    }
    let at = from;
    let next = row.skipBlank(chunk, at);
    while (next > at && next < to) {
      at = next;
      next = row.skipBlank(chunk, at);
    }
    if (next > at) return next; // there are blank lines only
    next = row.record.split(chunk, at);
    if (next === at) return at;
    const isHeader = this.#isNamed || this.#isHeader(chunk, at);
    chunk.head = placesOf(columns, this.#isNamed ? this.#names(chunk, at) : []);
    if (!isHeader) return at;
    chunk.line += row.record.lines;
    chunk.blank += row.record.lines;
    return next;
  }

  /** The same from the first bytes of an input, for its records further on. */
  headOf(first: Uint8Array): unknown {
    const bytes = new Uint8Array(first.length + 1 + READABLE_BEYOND);
    bytes.set(first);
    bytes[first.length] = NEWLINE;
    const from = BYTE_ORDER_MARK.equals(first.subarray(0, BYTE_ORDER_MARK.length))
      ? BYTE_ORDER_MARK.length
      : 0;
    const end = first.length + 1;
    const chunk: Chunk = { bytes, end, ended: true, offset: 0, line: 1, blank: 0 };
    this.read(chunk, from, end);
    return chunk.head;
  }

  /** Whether there is something in the place of the time that cannot be meant for one. */
  #isHeader(chunk: Chunk, start: number): boolean {
    const { columns } = this.#options;
    const { record, cell } = this.#row;
    const { time } = placesOf(columns, []);
    if (record.reason !== undefined || time >= record.count) return false;
    cell.take(chunk.bytes, record, start, time);
    cell.trim();
    const first = cell.bytes[cell.from]!;
    return !cell.isEmpty && !isDigit(first) && first !== PLUS && first !== MINUS;
  }

  #names(chunk: Chunk, start: number): string[] {
    const { record, cell } = this.#row;
    const count = record.reason === undefined ? record.count : 0;
    return Array.from({ length: count }, (_, place) => {
      cell.take(chunk.bytes, record, start, place);
      return cell.toString();
    });
  }
}
