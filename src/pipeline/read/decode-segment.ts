import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Chunk, Decoder } from '../../core/decoder.ts';
import { throwIfInterrupted } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { KEPT_TEXT_BYTES, type RejectRecord, type SegmentReject } from '../../core/rejects.ts';
import type { ByteReader } from '../../core/source.ts';
import { RangeEnd } from './range-end.ts';
import { lineEndBehind, RecordBuffer } from './record-buffer.ts';
import type { Segment } from './segment.ts';

/** Bytes decoded at a time where rejects are kept. */
const REJECTS_PIECE_BYTES = 8 << 10;
/** How often to let signals, messages and progress through while decoding. */
const READS_PER_TURN = 16;

/** What was found in a stretch of neighbouring segments besides events. */
export class SegmentTally {
  /** Lines, blank ones too. */
  lines = 0;
  blank = 0;
  /** By reason. */
  rejected = new Map<string, number>();
  /** Records that were not counted when they were put into a store. */
  duplicate = 0;
  conflict = 0;
  /** Rejects since they were last taken away, if they are to be kept. */
  rejects: SegmentReject[] = [];
  /** Where the first record begins and behind the last one, in bytes from the start of the input. */
  from: number | undefined;
  to: number | undefined;
  /** Whether every record in front of `to` was handed over. */
  isWhole = false;
  /** Whether a segment does not begin where the one in front ended: a record was cut in two. */
  torn = false;
  /** Where reading stopped because the range was over, in bytes from the start of the input. */
  stoppedAt: number | undefined;

  /** Takes note of where the first record of a segment begins. */
  begin(at: number): void {
    this.torn ||= this.to !== undefined && this.to !== at;
    this.from ??= at;
  }
}

export interface DecodeOptions {
  readonly decoder: Decoder;
  /** Room for `BUFFER_BYTES`, whatever is in it. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Filled again and again; what it held is gone after the next step. */
  readonly batch: EventBatch;
  readonly tally: SegmentTally;
  readonly keepRejects: boolean;
  /** What the input's first row says of all others, for a segment that begins behind it. */
  readonly head?: unknown;
  /** Stop reading where records are of this time or later. */
  readonly readUntil?: number | undefined;
  /** Leave the last record to others if the input ends within it: it may be added to. */
  readonly holdRest?: boolean | undefined;
  /** Hand events over, and say so in `isWhole`, whenever about so many bytes were decoded. */
  readonly partBytes?: number | undefined;
  /** Gets the bytes that were decoded, in order, and where they stand in the input. */
  readonly onDone?: ((bytes: Uint8Array, offset: number) => void) | undefined;
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
  const { decoder, buffer: bytes, batch, tally, keepRejects, readUntil } = options;
  const start = {
    offset: startOf(segment),
    lines: tally.lines,
    blank: tally.blank,
    withinLine: segment.from > 0, // that belongs to the segment in front
    head: options.head,
    onDone: options.onDone,
  };
  const { holdRest = false, partBytes = Number.POSITIVE_INFINITY } = options;
  const buffer = new RecordBuffer(bytes, start);
  const { chunk } = buffer;
  const reject: RejectRecord = (reason, from, begin, end) => {
    tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
    if (keepRejects) tally.rejects.push(keptReject(chunk, reason, from, begin, end));
  };
  const rangeEnd = readUntil === undefined ? undefined : new RangeEnd(readUntil);
  batch.input.fill(segment.rank);
  let ended = false;
  let begun = false;
  let partFrom = segment.from;
  tally.isWhole = false;
  for (let reads = 1; !ended; reads++) {
    if (reads % READS_PER_TURN === 0) await eventLoopTurn();
    throwIfInterrupted(options.signal);
    const count = await reader.read(buffer.space);
    options.onRead?.();
    ended = count === 0;
    const lines = buffer.accept(count, ended && !holdRest);
    let { from: at, to: end } = lines;
    if (!begun && !buffer.isSkipping) {
      begun = true;
      tally.begin(chunk.offset + at);
    }
    // The last record of the segment is the one that holds the byte in front of `to`.
    const edge = segment.to - 1 - chunk.offset;
    const begin = start.withinLine || chunk.offset > 0 ? at : 0; // a byte order mark is of the first line
    const isLast = edge < end;
    if (isLast) end = edge < begin ? at : lineEndBehind(bytes, Math.max(edge, at), end);
    let waits = false; // for the rest of a record
    while (at < end && !waits) {
      let to = end;
      // Kept rejects take far more memory than what they are of: they are handed over after a few bytes.
      if (keepRejects) to = lineEndBehind(bytes, at + REJECTS_PIECE_BYTES, end);
      if (rangeEnd) to = Math.min(to, rangeEnd.blockEnd(chunk, at, end));
      const { length } = batch;
      const next = decoder.decode(chunk, at, to, batch, reject);
      waits = next === at;
      at = next;
      tally.lines = chunk.line - 1;
      if (rangeEnd?.isReached(chunk, at, batch, length)) {
        tally.stoppedAt = chunk.offset + at;
        ended = true;
        end = at;
      }
      if (batch.length === EventBatch.CAPACITY || tally.rejects.length > 0) {
        yield batch;
        batch.clear();
      }
    }
    if (isLast && !waits) ended = true;
    // A byte order mark stays with the first record: who goes on from there finds the start of a line.
    buffer.release(waits && at === lines.from ? begin : at, ended, reject);
    tally.lines = chunk.line - 1;
    tally.blank = chunk.blank;
    tally.to = buffer.position;
    if (tally.to - partFrom < partBytes || ended) continue;
    partFrom = tally.to;
    tally.isWhole = true;
    yield batch;
    batch.clear();
    tally.isWhole = false;
  }
  tally.isWhole = true;
  if (batch.length > 0 || batch.others > 0 || tally.rejects.length > 0) yield batch;
  batch.clear();
}

/** Where to open a segment's input: one byte early, to see whether a record begins where it does. */
export function startOf(segment: Segment): number {
  return Math.max(0, segment.from - 1);
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A rejected record, as it is kept: where it stands and how it begins. */
export function keptReject(
  chunk: Chunk,
  reason: string,
  bytes: Uint8Array,
  from: number,
  to: number,
): SegmentReject {
  const text = utf8.decode(bytes.subarray(from, Math.min(to, from + KEPT_TEXT_BYTES)));
  return { line: chunk.line, offset: chunk.offset + from, reason, text };
}
