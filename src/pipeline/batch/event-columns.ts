import type { EventBatch } from '../../core/event-batch.ts';
import type { RunField } from '../../core/event-list.ts';

/** Which columns of events runs have, besides time and subject. Plain data. */
export interface RunLayout {
  /** Where each record stands. */
  readonly places: boolean;
  readonly fields: readonly RunField[];
}

/** Bytes of each column's entries, widest first, so that each column is aligned whatever the number of events. */
const BYTES = {
  ...{ time: 8, line: 8, position: 8, value: 8 },
  ...{ subject: 4, object: 4, type: 4, input: 4 },
  ...{ kind: 1, scale: 1 },
} as const;
type ColumnName = keyof typeof BYTES;

/** Sort keys hold a time and an index together as long as both fit the 53 bits of a double. */
const KEY_BITS = 53;

/** Bytes that so many events take, packed. */
export function packedBytes(count: number, layout: RunLayout): number {
  return count * columnsOf(layout).reduce((sum, name) => sum + BYTES[name], 0);
}

function columnsOf({ places, fields }: RunLayout): ColumnName[] {
  const wanted = new Set<string>(['time', 'subject', ...fields]);
  if (places) for (const name of ['line', 'position', 'input']) wanted.add(name);
  if (wanted.has('value')) wanted.add('scale');
  return (Object.keys(BYTES) as ColumnName[]).filter((name) => wanted.has(name));
}

/** Events in columns like those of an `EventBatch`, of any number; a column that is not wanted is empty. */
export class EventColumns {
  length = 0;
  readonly time: Float64Array<ArrayBuffer>;
  readonly line: Float64Array<ArrayBuffer>;
  readonly position: Float64Array<ArrayBuffer>;
  readonly value: BigInt64Array<ArrayBuffer>;
  readonly subject: Uint32Array<ArrayBuffer>;
  readonly object: Uint32Array<ArrayBuffer>;
  readonly type: Uint32Array<ArrayBuffer>;
  readonly input: Uint32Array<ArrayBuffer>;
  readonly kind: Uint8Array<ArrayBuffer>;
  readonly scale: Uint8Array<ArrayBuffer>;
  readonly #layout: RunLayout;
  readonly #buffer: ArrayBuffer;
  readonly #used: readonly ColumnName[];

  constructor(capacity: number, layout: RunLayout, buffer?: ArrayBuffer) {
    this.#layout = layout;
    this.#used = columnsOf(layout);
    this.#buffer = buffer ?? new ArrayBuffer(packedBytes(capacity, layout));
    let at = 0;
    const next = (name: ColumnName): [ArrayBuffer, number, number] => {
      const length = this.#used.includes(name) ? capacity : 0;
      at += BYTES[name] * length;
      return [this.#buffer, at - BYTES[name] * length, length];
    };
    this.time = new Float64Array(...next('time'));
    this.line = new Float64Array(...next('line'));
    this.position = new Float64Array(...next('position'));
    this.value = new BigInt64Array(...next('value'));
    this.subject = new Uint32Array(...next('subject'));
    this.object = new Uint32Array(...next('object'));
    this.type = new Uint32Array(...next('type'));
    this.input = new Uint32Array(...next('input'));
    this.kind = new Uint8Array(...next('kind'));
    this.scale = new Uint8Array(...next('scale'));
  }

  get capacity(): number {
    return this.time.length;
  }

  /** The same events with room for a multiple. */
  enlarged(factor: number): EventColumns {
    const larger = new EventColumns(this.capacity * factor, this.#layout);
    for (const name of this.#used) copy(this[name], larger[name], 0);
    larger.length = this.length;
    return larger;
  }

  /** Takes events of a batch from one on, as many as there is room for. Returns how many. */
  append(batch: EventBatch, from: number): number {
    const count = Math.min(batch.length - from, this.time.length - this.length);
    for (const name of this.#used)
      copy(batch[name].subarray(from, from + count), this[name], this.length);
    this.length += count;
    return count;
  }

  /** Indexes of the events by time, equal times in the order they were added. */
  timeOrder(): Uint32Array {
    const { time, length } = this;
    const order = Uint32Array.from({ length }, (_, i) => i);
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    let sorted = true;
    for (let i = 0; i < length; i++) {
      if (time[i]! < greatest) sorted = false;
      else greatest = time[i]!;
      if (time[i]! < least) least = time[i]!;
    }
    if (sorted) return order;
    const scale = 2 ** Math.ceil(Math.log2(length));
    if ((greatest - least + 1) * scale > 2 ** KEY_BITS) {
      return order.sort((a, b) => time[a]! - time[b]! || a - b);
    }
    // Numbers are sorted without calling back, which is several times as fast.
    const keys = new Float64Array(length);
    for (let i = 0; i < length; i++) keys[i] = (time[i]! - least) * scale + i;
    keys.sort();
    for (let i = 0; i < length; i++) order[i] = keys[i]! % scale;
    return order;
  }

  /** A copy of the events at `order[from, to)`. */
  picked(order: Uint32Array, from: number, to: number): EventColumns {
    const picked = new EventColumns(to - from, this.#layout);
    picked.length = to - from;
    for (const name of this.#used) pick(this[name], picked[name], order, from);
    return picked;
  }

  /** Adds the event at an index to the end of a batch, in which names have other numbers. */
  copyTo(batch: EventBatch, index: number, names: NameNumbers): void {
    const i = batch.length++;
    batch.time[i] = this.time[index]!;
    batch.subject[i] = names.idOf(this.subject[index]!);
    if (this.kind.length > 0) batch.kind[i] = this.kind[index]!;
    if (this.object.length > 0) batch.object[i] = names.idOf(this.object[index]!);
    if (this.type.length > 0) batch.type[i] = names.idOf(this.type[index]!);
    if (this.value.length > 0) {
      batch.value[i] = this.value[index]!;
      batch.scale[i] = this.scale[index]!;
    }
    if (this.line.length === 0) return;
    batch.line[i] = this.line[index]!;
    batch.position[i] = this.position[index]!;
    batch.input[i] = this.input[index]!;
  }

  /** The events as bytes: a view, not a copy. */
  pack(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer);
  }

  /** Events that were packed, where the bytes are all of them. */
  static unpack(bytes: Uint8Array<ArrayBuffer>, layout: RunLayout): EventColumns {
    const count = bytes.length / packedBytes(1, layout);
    const columns = new EventColumns(count, layout, bytes.buffer);
    columns.length = count;
    return columns;
  }
}

/** The numbers that names have elsewhere. */
export interface NameNumbers {
  idOf(id: number): number;
}

type AnyColumn = EventColumns[ColumnName] | EventBatch[ColumnName];

function copy(from: AnyColumn, to: AnyColumn, at: number): void {
  // The two are of one kind, which the types cannot say.
  (to as Float64Array).set(from as Float64Array, at);
}

function pick(from: AnyColumn, to: AnyColumn, order: Uint32Array, begin: number): void {
  for (let i = 0; i < to.length; i++)
    (to as Float64Array)[i] = (from as Float64Array)[order[begin + i]!]!;
}
