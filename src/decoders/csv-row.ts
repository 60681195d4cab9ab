import { type Chunk, MAX_RECORD_BYTES } from '../core/decoder.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import { CsvCell } from './csv-cell.ts';
import type { CsvPlaces } from './csv-columns.ts';
import { CsvRecord } from './csv-record.ts';
import type { CsvTime } from './csv-time.ts';
import { CsvValue } from './csv-value.ts';
import type { Learner } from './learner.ts';

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;

/** Where rows are read to. */
interface CsvReading {
  readonly batch: EventBatch;
  /** Are told of the names in rows. */
  readonly learners: readonly Learner[];
  readonly reject: RejectRecord;
}

/** Reads any row by the book: slower than the usual way, and never wrong. */
export class CsvRow {
  readonly record: CsvRecord = new CsvRecord();
  readonly cell: CsvCell = new CsvCell();
  readonly #value = new CsvValue();
  readonly #times: CsvTime;
  readonly #fields: number | undefined;

  /** @param fields - How many cells a row must have, if that is asked for. */
  constructor(times: CsvTime, fields: number | undefined) {
    this.#times = times;
    this.#fields = fields;
  }

  /**
   * Reads the row that begins at a place into the batch, or says why not.
   *
   * @returns Where the next row begins; the same place if this one is not complete.
   */
  decode(
    chunk: Chunk,
    from: number,
    places: CsvPlaces,
    { batch, learners, reject }: CsvReading,
  ): number {
    const { record } = this;
    const behindBlank = this.skipBlank(chunk, from);
    if (behindBlank > from) return behindBlank;
    const next = record.split(chunk, from);
    if (next === from) return from;
    const reason = record.reason ?? this.#read(chunk, from, places, batch, learners);
    if (reason !== undefined) reject(reason, chunk.bytes, from, record.end);
    chunk.line += record.lines;
    chunk.blank += record.lines - 1;
    return next;
  }

  /** Counts the line at a place if there is nothing on it. Returns where the next one begins then. */
  skipBlank(chunk: Chunk, from: number): number {
    const { bytes } = chunk;
    let at = from;
    while (bytes[at] === BLANK || bytes[at] === TAB) at++;
    const end = at;
    if (bytes[at] === RETURN) at++;
    if (bytes[at] !== NEWLINE || end - from > MAX_RECORD_BYTES) return from;
    chunk.blank++;
    chunk.line++;
    return at + 1;
  }

  /** The time in a cell of the record, which begins at `start`; NaN, and why, if there is none. */
  timeIn(chunk: Chunk, start: number, place: number): number {
    const { cell } = this;
    cell.take(chunk.bytes, this.record, start, place);
    cell.trim();
    const time = this.#times.read(cell.view, cell.from);
    const isAll = this.#times.end === cell.to;
    this.#times.lacksZone &&= isAll;
    return isAll ? time : Number.NaN;
  }

  /** Reads the record into the batch. Returns why it cannot be, if so. */
  #read(
    chunk: Chunk,
    from: number,
    places: CsvPlaces,
    batch: EventBatch,
    learners: readonly Learner[],
  ): string | undefined {
    const { cell, record } = this;
    const { bytes } = chunk;
    const { subject, type, id, value } = places;
    const i = batch.length;
    if (!this.#isWide(places)) return 'field count';
    cell.take(bytes, record, from, subject);
    if (cell.isEmpty || cell.hasControl) return 'subject';
    const time = this.timeIn(chunk, from, places.time);
    if (Number.isNaN(time)) return this.#times.lacksZone ? 'no zone' : 'time';
    if (value >= 0 && !this.#readValue(chunk, from, value, batch)) return 'value';
    if (id >= 0) {
      cell.take(bytes, record, from, id);
      if (cell.isEmpty) return 'id';
    }
    for (const place of [subject, type, id]) {
      if (place < 0) continue;
      cell.take(bytes, record, from, place);
      if (!cell.isText) return 'encoding';
    }
    batch.length++;
    if (id >= 0) batch.id.append(cell.bytes, cell.from, cell.to); // the one that was looked at last
    batch.time[i] = time;
    batch.subject[i] = this.#nameIn(chunk, from, subject, batch, learners);
    if (type >= 0) batch.type[i] = this.#nameIn(chunk, from, type, batch, learners);
    batch.position[i] = chunk.offset + from;
    batch.line[i] = chunk.line;
    return undefined;
  }

  /** Whether the record has as many cells as it must. */
  #isWide({ subject, time, type, id, value }: CsvPlaces): boolean {
    const { count } = this.record;
    const enough = Math.max(subject, time, type, id, value) < count;
    return enough && count === (this.#fields ?? count);
  }

  #readValue(chunk: Chunk, from: number, place: number, batch: EventBatch): boolean {
    const { cell } = this;
    const reader = this.#value;
    cell.take(chunk.bytes, this.record, from, place);
    cell.trim();
    const short = reader.readShort(cell.bytes, cell.from);
    const whole =
      reader.end === cell.to && !Number.isNaN(short)
        ? BigInt(short)
        : reader.readLong(cell.bytes, cell.from, cell.to);
    if (whole === undefined) return false;
    batch.value[batch.length] = whole;
    batch.scale[batch.length] = reader.places;
    return true;
  }

  #nameIn(
    chunk: Chunk,
    from: number,
    place: number,
    { names }: EventBatch,
    learners: readonly Learner[],
  ): number {
    const { cell } = this;
    cell.take(chunk.bytes, this.record, from, place);
    const name = names.add(cell.bytes, cell.from, cell.to);
    if (cell.isPlain) for (const learner of learners) learner.learn(cell.from, cell.to, name);
    return name;
  }
}
