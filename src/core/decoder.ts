import type { EventBatch } from './event-batch.ts';
import type { RejectRecord } from './rejects.ts';

/** A record longer than this is rejected unread, so that a file without line ends fits in memory. */
export const MAX_RECORD_BYTES = 1 << 20;

/** The reason of a record over `MAX_RECORD_BYTES`. */
export const TOO_LONG = 'too long';

/** How many bytes behind `to` a decoder may read, whatever they hold: it need not guard wide reads. */
export const READABLE_BEYOND = 64;

/** The bytes under way, and where in the input they stand. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offset of `bytes[0]` in the input. */
  offset: number;
  /** Number of the line that is decoded next, from 1. The decoder counts it up. */
  line: number;
  /** Lines that are no records because nothing is on them. The decoder counts them up. */
  blank: number;
}

/** Turns bytes into events. Bad input is data: it goes to `reject`, and decoding goes on. */
export interface Decoder {
  /** Memory in which the decoder reads faster than in any other, if there is such. */
  room?(bytes: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Decodes the records that begin in `chunk.bytes[from, to)` until the batch is full.
   *
   * `to` stands behind a line end, and `READABLE_BEYOND` more bytes may be read.
   *
   * @returns Where the next record begins.
   */
  decode(chunk: Chunk, from: number, to: number, batch: EventBatch, reject: RejectRecord): number;
  /** What the meaning of a log's next record depends on, as plain data; absent where it does not. */
  save?(): unknown;
  load?(saved: unknown): void;
}

/** A kind of decoder: how to open one with its options. */
export interface DecoderKind<Options> {
  readonly summary: string;
  /** Whether a record's meaning depends on those before it, so that inputs cannot be cut. */
  readonly sequential?: (options: Options) => boolean;
  readonly open: (options: Options) => Decoder;
}
