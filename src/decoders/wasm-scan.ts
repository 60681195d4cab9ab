import type { Chunk } from '../core/decoder.ts';
import type { Dictionary } from '../core/dictionary.ts';
import { EventBatch } from '../core/event-batch.ts';
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
  forget(seedLow: number, seedHigh: number): void;
  learn(from: number, length: number, id: number): void;
}

/** A scan in WebAssembly: its memory, the names it knows, and the columns that every scan writes. */
export class WasmScan<Exports extends ScanExports> implements Learner {
  readonly exports: Exports;
  /** What is to be scanned must stand here. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  readonly #subject: Uint32Array;
  readonly #time: Float64Array;
  readonly #position: Uint32Array;
  readonly #stopped: Uint32Array;
  #names: Dictionary | undefined;

  /** @param bufferBytes - At most 1 MiB, 64 KiB and 256 bytes. */
  constructor(base64: string, bufferBytes: number) {
    const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
    const scan = new WebAssembly.Instance(module).exports as Exports;
    this.exports = scan;
    this.buffer = new Uint8Array(scan.memory.buffer, scan.buffer.value, bufferBytes);
    this.#subject = this.column(Uint32Array, scan.subject);
    this.#time = this.column(Float64Array, scan.time);
    this.#position = this.column(Uint32Array, scan.position);
    this.#stopped = this.column(Uint32Array, scan.stopped, 1);
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

  /** Adds so many scanned records to a batch. Returns where the next one begins. */
  take(count: number, chunk: Chunk, batch: EventBatch): number {
    const { length } = batch;
    copy(this.#subject, count, batch.subject, length);
    copy(this.#time, count, batch.time, length);
    if (batch.places) {
      for (let i = 0; i < count; i++) {
        batch.position[length + i] = chunk.offset + this.#position[i]!;
        batch.line[length + i] = chunk.line + i;
      }
    }
    batch.length += count;
    chunk.line += count;
    return this.#stopped[0]!;
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
