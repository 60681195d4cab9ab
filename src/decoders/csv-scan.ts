import type { Chunk } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { CsvForm } from './csv-form.ts';
import { CSV_SCAN } from './csv-scan-wasm.ts';
import type { CsvTimeOptions } from './csv-time.ts';
import { EPOCH_UNITS } from './epoch-unit.ts';
import { type Place, type ScanExports, WasmScan } from './wasm-scan.ts';

/** Rows of more columns are left to `CsvUsual`. */
const MOST_COLUMNS = 256;
/** What `ids` has room for. */
const ID_BYTES = EventBatch.CAPACITY * 64;

/** What `csv-scan.c` exports besides. */
interface Exports extends ScanExports {
  readonly roles: Place;
  readonly type: Place;
  readonly value: Place;
  readonly scale: Place;
  readonly ids: Place;
  readonly id_end: Place;
  set_unit(times: number, per: number): void;
  scan(from: number, to: number, room: number, width: number, lineEnd: number): number;
}

/**
 * Reads usual rows by WebAssembly, which compares sixteen bytes at a time. `CsvUsual` is its twin and the oracle of
 * its tests. It reads only what stands in its own `buffer`.
 */
export class CsvScan extends WasmScan<Exports> {
  readonly #roles: Uint8Array;
  /** Whose roles these are. */
  #rolesOf: Uint8Array | undefined;
  readonly #type: Uint32Array;
  readonly #value: BigInt64Array;
  readonly #scale: Uint8Array;
  readonly #ids: Uint8Array;
  readonly #idEnds: Uint32Array;

  constructor(bufferBytes: number, unit: CsvTimeOptions['timeUnit']) {
    super(CSV_SCAN, bufferBytes);
    const { exports } = this;
    const memory = exports.memory.buffer;
    this.#roles = new Uint8Array(memory, exports.roles.value, MOST_COLUMNS);
    this.#type = this.column(Uint32Array, exports.type);
    this.#value = this.column(BigInt64Array, exports.value);
    this.#scale = this.column(Uint8Array, exports.scale);
    this.#ids = new Uint8Array(memory, exports.ids.value, ID_BYTES);
    this.#idEnds = this.column(Uint32Array, exports.id_end);
    exports.set_unit(EPOCH_UNITS[unit].times, EPOCH_UNITS[unit].per);
  }

  /** Reads rows up to one that is not of the usual form. Returns where that begins. */
  read(chunk: Chunk, from: number, to: number, batch: EventBatch, form: CsvForm): number {
    const { width, lineEnd, places, roles } = form;
    if (width === 0 || width > MOST_COLUMNS) return from;
    if (roles !== this.#rolesOf) this.#roles.fill(0).set(roles);
    this.#rolesOf = roles;
    const { length } = batch;
    const count = this.exports.scan(from, to, EventBatch.CAPACITY - length, width, lineEnd);
    if (count === 0) return from;
    if (places!.type >= 0) batch.type.set(this.#type.subarray(0, count), length);
    if (places!.value >= 0) {
      batch.value.set(this.#value.subarray(0, count), length);
      batch.scale.set(this.#scale.subarray(0, count), length);
    }
    if (places!.id >= 0) batch.id.appendAll(this.#ids, this.#idEnds.subarray(0, count));
    return this.take(count, chunk, batch);
  }
}
