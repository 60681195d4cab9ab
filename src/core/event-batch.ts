import { Dictionary } from './dictionary.ts';

/** `kind` of an event that opens a session. */
export const START = 1;
/** `kind` of an event that closes one. */
export const END = 0;

/**
 * Up to 4,096 events in columns, few enough to stay in the processor's cache from the decoder that writes
 * them to the aggregation that reads them.
 *
 * The first `length` entries of each column are set. A batch is filled, read and filled again; who
 * wants to keep something of it copies it.
 */
export class EventBatch {
  static readonly CAPACITY = 4096;

  length = 0;
  /** The names that `subject` and `object` number. */
  names = new Dictionary();
  /** Whole milliseconds since the epoch, UTC. */
  readonly time = new Float64Array(EventBatch.CAPACITY);
  /** Who: an id in `names`. */
  readonly subject = new Uint32Array(EventBatch.CAPACITY);
  /** The other host of a connection: an id in `names`. */
  readonly object = new Uint32Array(EventBatch.CAPACITY);
  /** `START` or `END`. */
  readonly kind = new Uint8Array(EventBatch.CAPACITY);
  /** Whether decoders are to say where records stand; it takes a twentieth of their time. */
  places = true;
  /** Which input the record stands in: its rank, from 0. */
  readonly input = new Uint32Array(EventBatch.CAPACITY);
  /** Where the record begins in its input (decompressed), in bytes from 0. */
  readonly position = new Float64Array(EventBatch.CAPACITY);
  /** The line on which it begins, from 1. */
  readonly line = new Float64Array(EventBatch.CAPACITY);
}
