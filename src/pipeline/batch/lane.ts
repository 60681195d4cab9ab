import { Dictionary, type SavedDictionary } from '../../core/dictionary.ts';
import { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { ByteReader } from '../../core/source.ts';
import { SegmentTally } from '../read/decode-segment.ts';
import { headOfInput } from '../read/input-head.ts';
import { ofInput } from '../read/of-input.ts';
import { type ReadOptions, readSegment } from '../read/read-segment.ts';
import { BUFFER_BYTES } from '../read/record-buffer.ts';
import { follows, type Segment } from '../read/segment.ts';
import type { RunLayout } from './event-columns.ts';
import { type Run, RunWriter } from './run-writer.ts';
import type { SegmentQueue } from './segment-queue.ts';

/** What a pass over the inputs is to bring. Plain data. */
export interface Pass extends RunLayout {
  /** States of the aggregation. */
  readonly aggregate: boolean;
  /** The events, sorted in runs: all of them, those that a range may hold, or those that count. */
  readonly runs: 'all' | 'range' | 'counted' | 'none';
  /** An open file for the runs; without one, a lane opens its own when needed. */
  readonly spill?: number | undefined;
  /** The rejects themselves, not their number only. */
  readonly rejects: boolean;
  /** Leave out the last record of an input that ends within it: it may be added to. */
  readonly holdRest?: boolean | undefined;
  /** Stop reading streams where records are of this time or later, ms since the epoch; files were cut there. */
  readonly readUntil?: number | undefined;
}

/** What a stretch of neighbouring segments of one input brought. Plain data, but for the state. */
export interface Part {
  readonly first: Segment;
  readonly last: Segment;
  readonly lines: number;
  readonly blank: number;
  /** Where its first record begins and behind the last one, in bytes from the start of the input. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** Whether a record was cut in two within it. */
  readonly torn: boolean;
  /** Where reading stopped because the range was over, in bytes from the start of the input. */
  readonly stoppedAt: number | undefined;
  readonly rejected: readonly (readonly [reason: string, count: number])[];
  /** Records that were not counted when they were put into a store. */
  readonly duplicate: number;
  readonly conflict: number;
  /** Records that were left out because they are of others. */
  readonly others: number;
  /** The state, where the pass aggregates; saved, on its way from another thread. */
  readonly state: unknown;
  readonly names?: SavedDictionary;
  readonly runs?: readonly Run[];
}

/** What a lane tells while it works. */
export interface LaneEvents {
  /**
   * Rejects in order, lines counted from the start of the stretch that begins with this segment. Work
   * goes on when the promise settles.
   */
  onRejects(first: Segment, rejects: SegmentReject[]): Promise<void>;
  /** Bytes read from its inputs so far. */
  onProgress?(bytes: number): void;
}

/** Neighbouring segments under way. */
interface Stretch {
  readonly first: Segment;
  last: Segment;
  readonly state: unknown;
  readonly tally: SegmentTally;
  others: number;
}

/** Works on segments, one after the other, in the thread that made it. */
export class Lane {
  readonly #job: Job;
  readonly #pass: Pass;
  readonly #events: LaneEvents;
  readonly #signal: AbortSignal | undefined;
  readonly #batch = new EventBatch();
  readonly #buffer: Uint8Array<ArrayBuffer>;
  readonly #runs: RunWriter | undefined;
  #stretch: Stretch | undefined;
  #reader: ByteReader | undefined;
  #bytes = 0;
  #head: { readonly rank: number; readonly head: unknown } | undefined;

  constructor(job: Job, pass: Pass, events: LaneEvents, signal?: AbortSignal) {
    this.#job = job;
    this.#pass = pass;
    this.#events = events;
    this.#signal = signal;
    this.#buffer = job.decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
    this.#batch.places = pass.places;
    this.#runs = pass.runs === 'none' ? undefined : new RunWriter(pass, pass.spill);
  }

  /** Adds a segment to the stretch under way, which it must follow; the first one begins it. */
  async run(segment: Segment): Promise<void> {
    const { aggregation } = this.#job;
    const isWithin = segment.from > 0 && segment.input.stored === undefined;
    const head = isWithin ? await this.#headOf(segment) : undefined;
    const stretch = this.#stretch ?? this.#begin(segment);
    stretch.last = segment;
    const { state, tally } = stretch;
    const readUntil = segment.input.splittable ? undefined : this.#pass.readUntil;
    this.#batch.needsAll = this.#pass.runs === 'all' || readUntil !== undefined;
    let bytes = 0;
    const options: ReadOptions = {
      buffer: this.#buffer,
      batch: this.#batch,
      tally,
      head,
      onOpen: (reader) => {
        this.#reader = reader;
      },
      onRead: (count) => {
        bytes = count;
        this.#events.onProgress?.(this.#bytes + count);
      },
      keepRejects: this.#pass.rejects,
      signal: this.#signal,
      readUntil,
      holdRest: this.#pass.holdRest,
    };
    try {
      for await (const events of readSegment(segment, this.#job, options)) {
        if (this.#pass.aggregate) aggregation.add(state, events);
        stretch.others += events.others;
        if (this.#pass.runs === 'counted') aggregation.sift?.(state, events);
        this.#runs?.add(events);
        if (tally.rejects.length > 0) {
          await this.#events.onRejects(stretch.first, tally.rejects.splice(0));
        }
      }
      this.#bytes += bytes;
    } catch (error) {
      throw ofInput(error, segment.input.name);
    }
  }

  /** Works off what is left in a queue, as this lane of it, and hands over each stretch of neighbours. */
  async drain(
    queue: SegmentQueue,
    lane: number,
    onPart: (part: Part) => Promise<void>,
  ): Promise<void> {
    for (let next = queue.take(lane); next; next = queue.take(lane)) {
      if (this.#stretch && !follows(next, this.#stretch.last)) await onPart(this.take());
      await this.run(next);
    }
    if (this.#stretch) await onPart(this.take());
  }

  /** What the first row of a segment's input says of all others, if the decoder wants to know. */
  async #headOf({ input, rank }: Segment): Promise<unknown> {
    if (this.#head?.rank === rank) return this.#head.head;
    const head = await headOfInput(this.#job, input, this.#buffer, (reader) => {
      this.#reader = reader;
    });
    this.#head = { rank, head };
    return head;
  }

  /** Stops reading, also where it waits for input that does not come. */
  close(): void {
    this.#reader?.close();
  }

  /** Ends the stretch under way and hands over what it brought. */
  take(): Part {
    const { first, last, state, tally, others } = this.#stretch!;
    const { from, to, torn } = tally;
    this.#stretch = undefined;
    return {
      first,
      last,
      lines: tally.lines,
      blank: tally.blank,
      ...{ from, to, torn },
      stoppedAt: tally.stoppedAt,
      rejected: [...tally.rejected],
      duplicate: tally.duplicate,
      conflict: tally.conflict,
      others,
      state: this.#pass.aggregate ? state : undefined,
      ...(this.#runs && { names: this.#batch.names.save(), runs: this.#runs.take() }),
    };
  }

  #begin(first: Segment): Stretch {
    this.#batch.names = new Dictionary();
    const state = this.#job.aggregation.zero();
    this.#stretch = { first, last: first, state, tally: new SegmentTally(), others: 0 };
    return this.#stretch;
  }
}
