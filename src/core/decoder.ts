import type { EventBatch } from './event-batch.ts';
import type { RejectRecord } from './rejects.ts';

/** A record longer than this is rejected unread, so that a file without line ends fits in memory. */
export const MAX_RECORD_BYTES = 1 << 20;

/** The reason of a record over `MAX_RECORD_BYTES`. */
export const TOO_LONG = 'too long';

/** How many bytes behind `to` a decoder may read, whatever they hold: it need not guard wide reads. */
export const READABLE_BEYOND = 64;

/** From where to where a record was looked at, as offsets, and the byte without which it is not complete. */
interface PendingRecord {
  readonly from: number;
  readonly to: number;
  readonly awaited: number;
}

/** The bytes under way, where in the input they stand, and what is to be remembered of that input. */
export interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Behind what was read: a record that goes on behind line ends may be looked at up to there. */
  end: number;
  /** Whether nothing will come behind `end`, which then stands behind a line end. */
  ended: boolean;
  /** Offset of `bytes[0]` in the input. */
  offset: number;
  /** Number of the line that is decoded next, from 1. The decoder counts it up. */
  line: number;
  /**
   * Lines with which no record begins: nothing is on them, a record goes on there, or they are a header. The
   * decoder counts them up.
   */
  blank: number;
  /** What the input's first row says of all others, once the decoder has read it; plain data. */
  head?: unknown;
  /** A record that is not complete; the decoder's own. */
  pending?: PendingRecord | undefined;
}

/** Turns bytes into events. Bad input is data: it goes to `reject`, and decoding goes on. */
export interface Decoder {
  /** Memory in which the decoder reads faster than in any other, if there is such: the same for all who ask. */
  room?(bytes: number): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Whether records may go on behind line ends. Then `decode` may stop short at one that is not complete at
   * `chunk.end`, and past `to` behind one that is; it is not to stop short where the chunk has ended.
   *
   * What a record is must follow from the bytes from its start on, and from the head of the input.
   */
  readonly spansLines?: boolean;
  /**
   * Reads from the first bytes of an input what `Chunk.head` is to be for its records further on.
   *
   * @throws DaybookError `USAGE` - They are not of this kind.
   */
  head?(bytes: Uint8Array): unknown;
  /**
   * Decodes the records that begin in `chunk.bytes[from, to)` until the batch is full.
   *
   * `to` stands behind a line end, and `READABLE_BEYOND` more bytes may be read.
   *
   * @returns Where the next record begins.
   * @throws DaybookError `USAGE` - The input is not of this kind.
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
