import type { Chunk } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import { CONNECTION_SCAN } from './connection-scan-wasm.ts';
import type { EpochUnit } from './epoch-unit.ts';
import { copy, type Place, type ScanExports, WasmScan } from './wasm-scan.ts';

/** What `connection-scan.c` exports besides. */
interface Exports extends ScanExports {
  readonly object: Place;
  /** How many records of others the last scan left out. */
  readonly left_out: Place;
  readonly scan: ScanRecords;
  readonly scan_asked: ScanRecords;
  readonly scan_sources: ScanRecords;
  readonly scan_untimed_sources: ScanRecords;
  ask(length: number): number;
}

/** What the verdicts of `connection-scan.c` are called; blank lines are not rejected. */
const REASONS = [undefined, 'field count', 'time'];

type ScanRecords = (from: number, to: number, room: number, times: number, per: number) => number;

/** What of a connection log is of interest, if not all of it: what is not may be left out or undone. */
export interface WantedConnections {
  /** Whose records: those of others may be left out and counted as such. */
  readonly onlyHost?: string | undefined;
  /** Only who made a connection: the object of its event may be its subject instead of the target. */
  readonly sourcesOnly?: boolean | undefined;
  /** Whether records are told without their times; only where sources are all that is wanted. */
  readonly untimed?: boolean | undefined;
}

/**
 * Reads records of the usual form by WebAssembly, which compares eight bytes at a time. `decodeUsual` is its
 * twin and the oracle of its tests. It reads only what stands in its own `buffer`.
 */
export class ConnectionScan extends WasmScan<Exports> {
  readonly #unit: EpochUnit;
  readonly #object: Uint32Array;
  readonly #leftOut: Uint32Array;
  readonly #leavesOut: boolean;
  readonly #sourcesOnly: boolean;

  constructor(bufferBytes: number, unit: EpochUnit, wanted: WantedConnections = {}) {
    super(CONNECTION_SCAN, bufferBytes);
    const { onlyHost, sourcesOnly = false, untimed = false } = wanted;
    this.#unit = unit;
    this.#leavesOut = onlyHost !== undefined && this.#ask(Buffer.from(onlyHost));
    this.#sourcesOnly = sourcesOnly;
    this.isTimed = !(sourcesOnly && untimed);
    this.#object = this.column(Uint32Array, this.exports.object);
    this.#leftOut = this.column(Uint32Array, this.exports.left_out, 1);
  }

  /** Reads records up to one that may be of another form. Returns where that begins. */
  read(chunk: Chunk, from: number, to: number, batch: EventBatch, reject: RejectRecord): number {
    const { times, per } = this.#unit;
    const leavesOut = this.#leavesOut && !batch.needsAll;
    this.expect(batch);
    const count = this.#scan(leavesOut)(from, to, EventBatch.CAPACITY - batch.length, times, per);
    const others = leavesOut ? this.#leftOut[0]! : 0;
    batch.others += others;
    this.adopt(batch, count, [this.subject, this.#object]);
    copy(this.#object, count, batch.object, batch.length);
    const left = this.tellLeft(chunk, reject, REASONS);
    return this.take(count, chunk, batch, others + left);
  }

  #scan(leavesOut: boolean): ScanRecords {
    if (leavesOut) return this.exports.scan_asked;
    if (!this.#sourcesOnly) return this.exports.scan;
    return this.isTimed ? this.exports.scan_sources : this.exports.scan_untimed_sources;
  }

  #ask(host: Uint8Array): boolean {
    if (host.length > this.buffer.length) return false;
    this.buffer.set(host);
    return this.exports.ask(host.length) === 1;
  }
}
