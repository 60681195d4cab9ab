import type { Chunk } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { CONNECTION_SCAN } from './connection-scan-wasm.ts';
import type { EpochUnit } from './epoch-unit.ts';
import { type Place, type ScanExports, WasmScan } from './wasm-scan.ts';

/** What `connection-scan.c` exports besides. */
interface Exports extends ScanExports {
  readonly object: Place;
  readonly scan: ScanRecords;
  readonly scan_asked: ScanRecords;
  ask(length: number): number;
  others(): number;
}

type ScanRecords = (from: number, to: number, room: number, times: number, per: number) => number;

/**
 * Reads records of the usual form by WebAssembly, which compares eight bytes at a time. `decodeUsual` is its
 * twin and the oracle of its tests. It reads only what stands in its own `buffer`.
 */
export class ConnectionScan extends WasmScan<Exports> {
  readonly #unit: EpochUnit;
  readonly #object: Uint32Array;
  readonly #leavesOut: boolean;

  /** @param host - Usual records of others may be left out. */
  constructor(bufferBytes: number, unit: EpochUnit, host?: string) {
    super(CONNECTION_SCAN, bufferBytes);
    this.#unit = unit;
    this.#leavesOut = host !== undefined && this.#ask(Buffer.from(host));
    this.#object = this.column(Uint32Array, this.exports.object);
  }

  /** Reads records up to one of another form, or of an unknown name. Returns where that begins. */
  read(chunk: Chunk, from: number, to: number, batch: EventBatch): number {
    const { times, per } = this.#unit;
    const leavesOut = this.#leavesOut && !batch.needsAll;
    const scan = leavesOut ? this.exports.scan_asked : this.exports.scan;
    const count = scan(from, to, EventBatch.CAPACITY - batch.length, times, per);
    if (leavesOut) {
      const others = this.exports.others();
      batch.others += others;
      chunk.line += others;
    }
    batch.object.set(this.#object.subarray(0, count), batch.length);
    return this.take(count, chunk, batch);
  }

  #ask(host: Uint8Array): boolean {
    if (host.length > this.buffer.length) return false;
    this.buffer.set(host);
    return this.exports.ask(host.length) === 1;
  }
}
