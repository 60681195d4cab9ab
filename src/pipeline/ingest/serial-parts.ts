import { Dictionary } from '../../core/dictionary.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { type EventField, EventList } from '../../core/event-list.ts';
import type { Job } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { ByteReader, Input } from '../../core/source.ts';
import type { Watermark } from '../../core/watermark.ts';
import type { ContentHash } from '../read/content-hash.ts';
import { decodeSegment, SegmentTally, startOf } from '../read/decode-segment.ts';
import { headOfInput } from '../read/input-head.ts';
import { ofInput } from '../read/of-input.ts';
import { BUFFER_BYTES } from '../read/record-buffer.ts';
import type { Segment } from '../read/segment.ts';
import { openAt } from '../read/skipping-reader.ts';
import { type IngestPart, KEPT_REJECTS, PART_BYTES } from './ingest-part.ts';

/** What to read of an input, and how. */
export interface SerialOptions {
  readonly job: Job;
  readonly fields: readonly EventField[];
  readonly input: Input;
  /** Where reading begins, at a record. */
  readonly from: number;
  /** What the decoder has to remember there. */
  readonly decoder: unknown;
  /** Takes the bytes that were decoded. */
  readonly hash: ContentHash;
  readonly partBytes?: number | undefined;
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Decodes an input from a byte to its end in this thread, part by part. A last record without its end is a part of
 * its own.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `INTERRUPTED`, or `USAGE` where the input is not of the kind expected.
 */
export async function* serialParts(options: SerialOptions): AsyncGenerator<IngestPart> {
  const { job, input, decoder } = options;
  if (decoder !== undefined) job.decoder.load?.(decoder);
  try {
    const whole = { ...options, end: Number.POSITIVE_INFINITY, isRest: false };
    const { to, end } = yield* partsUpTo(whole);
    const rest = { ...options, from: to, decoder: job.decoder.save?.(), end, isRest: true };
    if (end > to) yield* partsUpTo(rest);
  } catch (error) {
    throw ofInput(error, input.name);
  }
}

/**
 * Decodes the records of an input that begin between two bytes in this thread, but for a last one without its end.
 *
 * @returns Where the last of them ends.
 * @throws DaybookError - As `serialParts` does.
 */
export async function* partsBefore(
  options: SerialOptions & Pick<PartsEnd, 'end'>,
): AsyncGenerator<IngestPart, number> {
  try {
    return (yield* partsUpTo({ ...options, isRest: false })).to;
  } catch (error) {
    throw ofInput(error, options.input.name);
  }
}

/** How far to decode. */
interface PartsEnd {
  /** The last record is the one that holds the byte in front of this. */
  readonly end: number;
  /** Whether that is a last record without its end, and the end that the input had: what came since is no part of it. */
  readonly isRest: boolean;
}

/**
 * Decodes up to a last record without its end, or that one.
 *
 * @returns Where decoding ended, and where what was read does.
 */
async function* partsUpTo(
  options: SerialOptions & PartsEnd,
): AsyncGenerator<IngestPart, { to: number; end: number }> {
  const { job, fields, input, from, hash, end, isRest, onProgress, signal } = options;
  const holdRest = !isRest && input.replayable;
  const { decoder, sources } = job;
  const buffer = decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
  const head = from > 0 ? await headOfInput(job, input, buffer) : undefined;
  const segment: Segment = { index: 0, rank: 0, input, from, to: end };
  const at = startOf(segment);
  const reader = countBytes(openAt(sources[input.source]!, input, at));
  const tally = new SegmentTally();
  const batch = new EventBatch();
  let part = new PartBuilder(from, fields, tally);
  const take = (): IngestPart => {
    const taken = part.take(isRest ? options.decoder : decoder.save?.(), isRest);
    batch.names = new Dictionary();
    part = new PartBuilder(taken.to, fields, tally);
    return taken;
  };
  try {
    const decoded = decodeSegment(segment, reader, {
      ...{ decoder, buffer, batch, tally, head, holdRest, signal },
      keepRejects: true,
      partBytes: options.partBytes ?? PART_BYTES,
      onDone: (bytes, offset) => hash.take(bytes, offset),
      onRead: () => onProgress?.(reader.consumedBytes),
    });
    for await (const events of decoded) {
      part.add(events);
      if (tally.isWhole && (tally.to ?? from) > part.from) yield take();
    }
    const to = tally.to ?? from;
    if (to > part.from) yield take();
    return { to, end: at + reader.count };
  } finally {
    reader.close();
  }
}

/** Gathers what is decoded of a part. */
export class PartBuilder {
  readonly from: number;
  /** How many lines stand in front of it, of those tallied. */
  readonly linesBefore: number;
  readonly #tally: SegmentTally;
  readonly #watermark: Watermark | undefined;
  readonly #blank: number;
  readonly #events: EventList;
  readonly #rejects: SegmentReject[] = [];

  /** @param watermark - Is shown the times of all events. */
  constructor(
    from: number,
    fields: readonly EventField[],
    tally: SegmentTally,
    watermark?: Watermark,
  ) {
    this.from = from;
    this.#tally = tally;
    this.#watermark = watermark;
    this.linesBefore = tally.lines;
    this.#blank = tally.blank;
    this.#events = new EventList(fields);
    tally.rejected = new Map();
  }

  /** How many events there are. */
  get length(): number {
    return this.#events.length;
  }

  add(batch: EventBatch): void {
    this.#events.append(batch, this.linesBefore);
    if (this.#watermark)
      for (let i = 0; i < batch.length; i++) this.#watermark.observe(batch.time[i]!);
    for (const reject of this.#tally.rejects.splice(0))
      if (this.#rejects.length < KEPT_REJECTS)
        this.#rejects.push({ ...reject, line: reject.line - this.linesBefore });
  }

  take(decoder: unknown, isRest: boolean): IngestPart {
    const { lines, blank, rejected, to } = this.#tally;
    return {
      ...{ from: this.from, to: to!, rejected, decoder, isRest },
      lines: lines - this.linesBefore,
      blank: blank - this.#blank,
      events: this.#events,
      rejects: this.#rejects,
    };
  }
}

function countBytes(reader: ByteReader): ByteReader & { readonly count: number } {
  let count = 0;
  return {
    get count() {
      return count;
    },
    get consumedBytes() {
      return reader.consumedBytes;
    },
    async read(into) {
      const read = await reader.read(into);
      count += read;
      return read;
    },
    close: () => reader.close(),
  };
}
