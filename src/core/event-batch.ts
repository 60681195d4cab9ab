import { Dictionary } from './dictionary.ts';
import { TextColumn } from './text-column.ts';

/** `kind` of an event that opens a session. */
export const START = 1;
/** `kind` of an event that closes one. */
export const END = 0;

/**
 * Up to 4,096 events in columns, few enough to stay in the processor's cache from the decoder that writes
 * them to the aggregation that reads them.
 *
 * The first `length` entries of each column are set that the decoder fills; the others hold anything. A batch
 * is filled, read, cleared and filled again; who wants to keep something of it copies it.
 */
export class EventBatch {
  static readonly CAPACITY = 4096;

  length = 0;
  /** Whether records are wanted also of those that nobody asked for, say for their times. Places are told only then. */
  needsAll = true;
  /** Records that were left out because they are of others. */
  others = 0;
  /** The names that `subject`, `object` and `type` number. */
  names = new Dictionary();
  /** Whole milliseconds since the epoch, UTC. */
  readonly time = new Float64Array(EventBatch.CAPACITY);
  /** Who: an id in `names`. */
  readonly subject = new Uint32Array(EventBatch.CAPACITY);
  /** The other host of a connection: an id in `names`. */
  readonly object = new Uint32Array(EventBatch.CAPACITY);
  /** `START` or `END`. */
  readonly kind = new Uint8Array(EventBatch.CAPACITY);
  /** What happened: an id in `names`. */
  readonly type = new Uint32Array(EventBatch.CAPACITY);
  /** How much: `value / 10 ** scale`, exactly. */
  readonly value = new BigInt64Array(EventBatch.CAPACITY);
  /** Decimal places of `value`, 0 to 18. */
  readonly scale = new Uint8Array(EventBatch.CAPACITY);
  /**
   * The record's own id, unlike nearly all others; an empty text where it has none. The column is empty where ids
   * are not read.
   */
  readonly id: TextColumn = new TextColumn();
  /** What else the record says of it, as JSON; an empty text where that is nothing. Empty where it is not kept. */
  readonly data: TextColumn = new TextColumn();
  /** Whether decoders are to say where records stand; it takes a twentieth of their time. */
  places = true;
  /** Which input the record stands in: its rank, from 0. */
  readonly input = new Uint32Array(EventBatch.CAPACITY);
  /** Where the record begins in its input (decompressed), in bytes from 0. */
  readonly position = new Float64Array(EventBatch.CAPACITY);
  /** The line on which it begins, from 1. */
  readonly line = new Float64Array(EventBatch.CAPACITY);

  /** Leaves only some of the events, without their ids and data. */
  keep(isKept: (i: number) => boolean): void {
    const { time, subject, object, kind, type, value, scale, input, position, line } = this;
    const columns = [time, subject, object, kind, type, value, scale, input, position, line];
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      if (!isKept(i)) continue;
      for (const column of columns) column.copyWithin(kept, i, i + 1);
      kept++;
    }
    this.length = kept;
    this.id.clear();
    this.data.clear();
  }

  /** Forgets the events, not the names. */
  clear(): void {
    this.length = 0;
    this.others = 0;
    this.id.clear();
    this.data.clear();
  }
}
