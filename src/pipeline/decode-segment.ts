import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import {
  type Chunk,
  type Decoder,
  MAX_RECORD_BYTES,
  READABLE_BEYOND,
  TOO_LONG,
} from '../core/decoder.ts';
import { throwIfInterrupted } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import { KEPT_TEXT_BYTES, type RejectRecord, type SegmentReject } from '../core/rejects.ts';
import type { ByteReader } from '../core/source.ts';
import type { Segment } from './segment.ts';

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Small enough that bytes are still in the processor's cache when they are decoded. */
const READ_BYTES = 64 << 10;
/** What a buffer must hold: the longest record, a read, a mark in front, a line end, and more to look at. */
export const BUFFER_BYTES = MAX_RECORD_BYTES + READ_BYTES + 4 + READABLE_BEYOND;
/** Bytes decoded at a time where rejects are kept. */
const REJECTS_PIECE_BYTES = 8 << 10;
/** How often to let signals, messages and progress through while decoding. */
const READS_PER_TURN = 64;

/** What was found in a stretch of neighbouring segments besides events. */
export class SegmentTally {
  /** Lines, blank ones too. */
  lines = 0;
  blank = 0;
  /** By reason. */
  rejected = new Map<string, number>();
  /** Rejects since they were last taken away, if they are to be kept. */
  rejects: SegmentReject[] = [];
}

export interface DecodeOptions {
  readonly decoder: Decoder;
  /** Room for `BUFFER_BYTES`, whatever is in it. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Filled again and again; what it held is gone after the next step. */
  readonly batch: EventBatch;
  readonly tally: SegmentTally;
  readonly keepRejects: boolean;
  /** Called after every read. */
  readonly onRead?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes the records that begin in a segment, batch by batch.
 *
 * A record that begins before the segment belongs to the one in front, one that reaches over its end
 * belongs here: so every record is read once, wherever a file is cut.
 *
 * @param reader - Opened at `startOf(segment)`.
 * @throws DaybookError `SOURCE_UNREADABLE` or `INTERRUPTED`
 */
export async function* decodeSegment(
  segment: Segment,
  reader: ByteReader,
  options: DecodeOptions,
): AsyncGenerator<EventBatch> {
  const { decoder, buffer: bytes, batch, tally, keepRejects } = options;
  const chunk: Chunk = {
    bytes,
    offset: startOf(segment),
    line: tally.lines + 1,
    blank: tally.blank,
  };
  const reject: RejectRecord = (reason, from, begin, end) => {
    tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
    if (keepRejects) tally.rejects.push(keptReject(chunk, reason, from, begin, end));
  };
  batch.input.fill(segment.rank);
  let filled = 0;
  let ended = false;
  let skipping = segment.from > 0; // to the end of the line in front
  for (let reads = 1; !ended; reads++) {
    if (reads % READS_PER_TURN === 0) await eventLoopTurn();
    throwIfInterrupted(options.signal);
    const count = await reader.read(bytes.subarray(filled, filled + READ_BYTES));
    options.onRead?.();
    ended = count === 0;
    filled += count;
    if (chunk.offset === 0 && filled < BYTE_ORDER_MARK.length && !ended) continue;
    const mark = chunk.offset === 0 ? byteOrderMarkOf(bytes.subarray(0, filled)) : 0;
    if (ended && filled > mark && bytes[filled - 1] !== NEWLINE) bytes[filled++] = NEWLINE;

    let begin = 0;
    let end = bytes.subarray(0, filled).lastIndexOf(NEWLINE) + 1;
    if (skipping) {
      begin = end === 0 ? filled : bytes.indexOf(NEWLINE) + 1;
      skipping = end === 0;
    }
    // The last record of the segment is the one that holds the byte in front of `to`.
    const edge = segment.to - 1 - chunk.offset;
    if (edge < begin) {
      end = begin;
      ended = true;
    } else if (edge < end) {
      end = bytes.indexOf(NEWLINE, edge) + 1;
      ended = true;
    }
    // Taken off with the first line, not before: else that line would seem to begin behind it.
    let at = begin === 0 && end > 0 ? mark : begin;
    while (at < end) {
      // Kept rejects take far more memory than what they are of: they are handed over after a few bytes.
      const to = keepRejects ? lineEndBehind(bytes, at + REJECTS_PIECE_BYTES, end) : end;
      at = decoder.decode(chunk, at, to, batch, reject);
      tally.lines = chunk.line - 1;
      if (batch.length === EventBatch.CAPACITY || tally.rejects.length > 0) {
        yield batch;
        batch.length = 0;
      }
    }
    bytes.copyWithin(0, at, filled);
    chunk.offset += at;
    filled -= at;
    if (filled - mark > MAX_RECORD_BYTES + 1 && !ended) {
      reject(TOO_LONG, bytes, 0, filled);
      chunk.line++;
      chunk.offset += filled;
      filled = 0;
      skipping = true;
    }
    tally.lines = chunk.line - 1;
    tally.blank = chunk.blank;
  }
  if (batch.length > 0 || tally.rejects.length > 0) yield batch;
  batch.length = 0;
}

/** Where to open a segment's input: one byte early, to see whether a record begins where it does. */
export function startOf(segment: Segment): number {
  return Math.max(0, segment.from - 1);
}

/** Behind the first line end from here on, at most `end`, which stands behind one. */
function lineEndBehind(bytes: Uint8Array, from: number, end: number): number {
  return from < end ? bytes.indexOf(NEWLINE, from) + 1 : end;
}

function byteOrderMarkOf(bytes: Uint8Array): number {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte) ? BYTE_ORDER_MARK.length : 0;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function keptReject(
  chunk: Chunk,
  reason: string,
  bytes: Uint8Array,
  from: number,
  to: number,
): SegmentReject {
  const text = utf8.decode(bytes.subarray(from, Math.min(to, from + KEPT_TEXT_BYTES)));
  return { line: chunk.line, offset: chunk.offset + from, reason, text };
}
