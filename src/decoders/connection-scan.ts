import type { Chunk } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { CONNECTION_SCAN } from './connection-scan-wasm.ts';
import type { EpochUnit } from './epoch-unit.ts';
import { type Place, type ScanExports, WasmScan } from './wasm-scan.ts';

/** What `connection-scan.c` exports besides. */
interface Exports extends ScanExports {
  readonly object: Place;
  scan(from: number, to: number, room: number, times: number, per: number): number;
}

/**
 * Reads records of the usual form by WebAssembly, which compares eight bytes at a time. `decodeUsual` is its
 * twin and the oracle of its tests. It reads only what stands in its own `buffer`.
 */
export class ConnectionScan extends WasmScan<Exports> {
  readonly #unit: EpochUnit;
  readonly #object: Uint32Array;

  constructor(bufferBytes: number, unit: EpochUnit) {
    super(CONNECTION_SCAN, bufferBytes);
    this.#unit = unit;
    this.#object = this.column(Uint32Array, this.exports.object);
  }

  /** Reads records up to one of another form, or of an unknown name. Returns where that begins. */
  read(chunk: Chunk, from: number, to: number, batch: EventBatch): number {
    const { times, per } = this.#unit;
    const count = this.exports.scan(from, to, EventBatch.CAPACITY - batch.length, times, per);
    if (count === 0) return from;
    batch.object.set(this.#object.subarray(0, count), batch.length);
    return this.take(count, chunk, batch);
  }
}
