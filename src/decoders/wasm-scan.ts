import type { Chunk } from '../core/decoder.ts';
import type { Dictionary } from '../core/dictionary.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import type { Learner } from './learner.ts';

/** Of the standard, what is used here; neither the language's nor the types of Node.js have it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Where an array stands in a scan's memory. */
export interface Place {
  readonly value: number;
}

/** What `name-table.h` exports into every scan: functions, and where its arrays stand in its memory. */
export interface ScanExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly buffer: Place;
  readonly subject: Place;
  readonly time: Place;
  readonly position: Place;
  /** Where the record begins at which the last scan stopped. */
  readonly stopped: Place;
  /** The id of the next name that a scan meets first. */
  readonly next_id: Place;
  /** How many the last scan has met, where they stand in `buffer`, and how long they are. */
  readonly met: Place;
  readonly met_at: Place;
  readonly met_length: Place;
  /** How many lines without a record the last scan left behind, where they begin and end in `buffer`, what they are. */
  readonly left: Place;
  readonly left_at: Place;
  readonly left_end: Place;
  readonly verdict: Place;
  /** How many lines and events of the scan stand in front of each. */
  readonly lines_before: Place;
  readonly events_before: Place;
  forget(seedLow: number, seedHigh: number): void;
  learn(from: number, length: number, id: number): void;
}

/** Names that a scan meets first, at most. */
const MOST_MET = 2 * EventBatch.CAPACITY;
/** Lines that a scan leaves behind, at most. */
const MOST_LEFT = 1024;

/** A scan in WebAssembly: its memory, the names it knows, and the columns that every scan writes. */
export class WasmScan<Exports extends ScanExports> implements Learner {
  readonly exports: Exports;
  /** What is to be scanned must stand here. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Whether records are told with their times. */
  protected isTimed = true;
  /** Who, of each scanned record. */
  protected readonly subject: Uint32Array;
  readonly #time: Float64Array;
  readonly #position: Uint32Array;
  readonly #stopped: Uint32Array;
  readonly #nextId: Uint32Array;
  readonly #met: Uint32Array;
  readonly #metAt: Uint32Array;
  readonly #metLength: Uint32Array;
  readonly #left: Uint32Array;
  readonly #leftLines: Readonly<Record<'at' | 'end' | 'verdict' | 'lines' | 'events', Uint32Array>>;
  #names: Dictionary | undefined;

  /** @param bufferBytes - At most 1 MiB, 256 KiB and 256 bytes. */
  constructor(base64: string, bufferBytes: number) {
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    const scan = new WebAssembly.Instance(module).exports as Exports;
    this.exports = scan;
    this.buffer = new Uint8Array(scan.memory.buffer, scan.buffer.value, bufferBytes);
    this.subject = this.column(Uint32Array, scan.subject);
    this.#time = this.column(Float64Array, scan.time);
    this.#position = this.column(Uint32Array, scan.position);
    this.#stopped = this.column(Uint32Array, scan.stopped, 1);
    this.#nextId = this.column(Uint32Array, scan.next_id, 1);
    this.#met = this.column(Uint32Array, scan.met, 1);
    this.#metAt = this.column(Uint32Array, scan.met_at, MOST_MET);
    this.#metLength = this.column(Uint32Array, scan.met_length, MOST_MET);
    this.#left = this.column(Uint32Array, scan.left, 1);
    const ofLeft = (place: Place) => this.column(Uint32Array, place, MOST_LEFT);
    this.#leftLines = {
      at: ofLeft(scan.left_at),
      end: ofLeft(scan.left_end),
      verdict: ofLeft(scan.verdict),
      lines: ofLeft(scan.lines_before),
      events: ofLeft(scan.events_before),
    };
  }

  /** A column that the scan writes. */
  column<Column>(
    kind: new (memory: ArrayBuffer, from: number, length: number) => Column,
    { value }: Place,
    length: number = EventBatch.CAPACITY,
  ): Column {
    return new kind(this.exports.memory.buffer, value, length);
  }

  knowNamesOf({ names }: EventBatch): void {
    if (this.#names === names) return;
    // Differs from run to run, so that nobody can prepare names that share a slot.
    this.exports.forget(Math.random() * 2 ** 32, Math.random() * 2 ** 32);
    this.#names = names;
  }

  learn(from: number, to: number, id: number): void {
    this.exports.learn(from, to - from, id);
  }

  /** Says how the names are numbered that the next scan meets first. */
  protected expect({ names }: EventBatch): void {
    this.#nextId[0] = names.size;
  }

  /**
   * Adds the names that the last scan met first.
   *
   * @param columns - The ids of so many records. Names that the batch knows, though not from records, have others.
   */
  protected adopt({ names }: EventBatch, count: number, columns: readonly Uint32Array[]): void {
    const met = this.#met[0]!;
    if (met === 0) return;
    const first = names.size;
    const ids = new Uint32Array(met);
    for (let i = 0; i < met; i++) {
      const at = this.#metAt[i]!;
      ids[i] = names.add(this.buffer, at, at + this.#metLength[i]!);
    }
    if (ids.every((id, i) => id === first + i)) return;
    for (const [i, id] of ids.entries())
      this.exports.learn(this.#metAt[i]!, this.#metLength[i]!, id);
    for (const column of columns)
      for (let i = 0; i < count; i++) if (column[i]! >= first) column[i] = ids[column[i]! - first]!;
  }

  /**
   * Adds so many scanned records to a batch.
   *
   * @param others - Lines besides that were passed over.
   * @returns Where the next one begins.
   */
  take(count: number, chunk: Chunk, batch: EventBatch, others = 0): number {
    const { length } = batch;
    copy(this.subject, count, batch.subject, length);
    if (this.isTimed) copy(this.#time, count, batch.time, length);
    if (batch.places) this.#place(count, chunk, batch);
    batch.length += count;
    chunk.line += count + others;
    return this.#stopped[0]!;
  }

  /**
   * Tells of the lines that the last scan left behind; before its records are taken.
   *
   * @param reasons - By verdict; a line that is blank has none.
   * @returns How many.
   */
  protected tellLeft(
    chunk: Chunk,
    reject: RejectRecord,
    reasons: readonly (string | undefined)[],
  ): number {
    const left = this.#left[0]!;
    const { at, end, verdict, lines } = this.#leftLines;
    const { line } = chunk;
    for (let i = 0; i < left; i++) {
      const reason = reasons[verdict[i]!];
      chunk.line = line + lines[i]!;
      if (reason === undefined) chunk.blank++;
      else reject(reason, this.buffer, at[i]!, end[i]!);
    }
    chunk.line = line;
    return left;
  }

  /** Tells where the scanned records stand, with the lines that were left behind between them. */
  #place(count: number, { offset, line }: Chunk, batch: EventBatch): void {
    const { length } = batch;
    const { events } = this.#leftLines;
    const left = this.#left[0]!;
    let before = 0;
    for (let i = 0; i < count; i++) {
      while (before < left && events[before]! <= i) before++;
      batch.position[length + i] = offset + this.#position[i]!;
      batch.line[length + i] = line + i + before;
    }
  }
}

/** Copies the first numbers of a column to a place in another. */
export function copy<Column extends Uint32Array | Float64Array>(
  from: Column,
  count: number,
  to: Column,
  at: number,
): void {
  // Few of them are copied in less time than it takes to make a view of them.
  if (count > 16) to.set(from.subarray(0, count), at);
  else for (let i = 0; i < count; i++) to[at + i] = from[i]!;
}
