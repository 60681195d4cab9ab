import type { EventBatch } from '../core/event-batch.ts';

/** Bytes of one event without and with its place. */
const EVENT_BYTES = 8 + 4 + 1;
const PLACE_BYTES = 4 + 8 + 8;
/** Sort keys hold a time and an index together as long as both fit the 53 bits of a double. */
const KEY_BITS = 53;

/** Bytes that so many events take, packed. */
export function packedBytes(count: number, places: boolean): number {
  return count * (EVENT_BYTES + (places ? PLACE_BYTES : 0));
}

/** Events in columns like those of an `EventBatch`, of any number, with or without their places. */
export class EventColumns {
  length = 0;
  readonly time: Float64Array<ArrayBuffer>;
  readonly subject: Uint32Array<ArrayBuffer>;
  readonly kind: Uint8Array<ArrayBuffer>;
  readonly input: Uint32Array<ArrayBuffer>;
  readonly line: Float64Array<ArrayBuffer>;
  readonly position: Float64Array<ArrayBuffer>;
  readonly #buffer: ArrayBuffer;
  readonly #places: boolean;

  constructor(capacity: number, places: boolean, buffer?: ArrayBuffer) {
    this.#places = places;
    this.#buffer = buffer ?? new ArrayBuffer(packedBytes(capacity, places));
    const placed = places ? capacity : 0;
    let at = 0;
    const next = (bytes: number) => {
      at += bytes;
      return at - bytes;
    };
    // Widest first, so that each column is aligned whatever the number of events.
    this.time = new Float64Array(this.#buffer, next(8 * capacity), capacity);
    this.line = new Float64Array(this.#buffer, next(8 * placed), placed);
    this.position = new Float64Array(this.#buffer, next(8 * placed), placed);
    this.subject = new Uint32Array(this.#buffer, next(4 * capacity), capacity);
    this.input = new Uint32Array(this.#buffer, next(4 * placed), placed);
    this.kind = new Uint8Array(this.#buffer, next(capacity), capacity);
  }

  get capacity(): number {
    return this.time.length;
  }

  /** The same events with room for a multiple. */
  enlarged(factor: number): EventColumns {
    const larger = new EventColumns(this.capacity * factor, this.#places);
    for (const column of ['time', 'line', 'position', 'subject', 'input', 'kind'] as const) {
      larger[column].set(this[column]);
    }
    larger.length = this.length;
    return larger;
  }

  /** Takes events of a batch from one on, as many as there is room for. Returns how many. */
  append(batch: EventBatch, from: number): number {
    const count = Math.min(batch.length - from, this.time.length - this.length);
    const to = from + count;
    this.time.set(batch.time.subarray(from, to), this.length);
    this.subject.set(batch.subject.subarray(from, to), this.length);
    this.kind.set(batch.kind.subarray(from, to), this.length);
    if (this.#places) {
      this.line.set(batch.line.subarray(from, to), this.length);
      this.position.set(batch.position.subarray(from, to), this.length);
      this.input.set(batch.input.subarray(from, to), this.length);
    }
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
    const copy = new EventColumns(to - from, this.#places);
    copy.length = to - from;
    for (let i = 0; i < copy.length; i++) {
      const event = order[from + i]!;
      copy.time[i] = this.time[event]!;
      copy.subject[i] = this.subject[event]!;
      copy.kind[i] = this.kind[event]!;
      if (!this.#places) continue;
      copy.line[i] = this.line[event]!;
      copy.position[i] = this.position[event]!;
      copy.input[i] = this.input[event]!;
    }
    return copy;
  }

  /** Adds the event at an index to the end of a batch, for somebody the batch's names call `subject`. */
  copyTo(batch: EventBatch, index: number, subject: number): void {
    const i = batch.length++;
    batch.time[i] = this.time[index]!;
    batch.subject[i] = subject;
    batch.kind[i] = this.kind[index]!;
    if (!this.#places) return;
    batch.line[i] = this.line[index]!;
    batch.position[i] = this.position[index]!;
    batch.input[i] = this.input[index]!;
  }

  /** The events as bytes: a view, not a copy. */
  pack(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer);
  }

  /** Events that were packed, where the bytes are all of them. */
  static unpack(bytes: Uint8Array<ArrayBuffer>, places: boolean): EventColumns {
    const count = bytes.length / packedBytes(1, places);
    const columns = new EventColumns(count, places, bytes.buffer);
    columns.length = count;
    return columns;
  }
}
