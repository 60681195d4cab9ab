import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { Job } from '../core/job.ts';
import type { SegmentReject } from '../core/rejects.ts';
import { BUFFER_BYTES, decodeSegment, SegmentTally, startOf } from './decode-segment.ts';
import { type Run, RunWriter } from './run-writer.ts';
import type { Segment } from './segment.ts';

/** What a pass over the inputs is to bring. Plain data. */
export interface Pass {
  /** A state of the aggregation for each segment. */
  readonly aggregate: boolean;
  /** The events, sorted in runs. */
  readonly runs: boolean;
  /** Where each record stands, with the runs. */
  readonly places: boolean;
  /** The rejects themselves, not their number only. */
  readonly rejects: boolean;
}

/** What one segment brought. Plain data. */
export interface Part {
  readonly segment: Segment;
  readonly lines: number;
  readonly blank: number;
  readonly rejected: readonly (readonly [reason: string, count: number])[];
  /** The saved state, where the pass aggregates. */
  readonly state: unknown;
  readonly names?: SavedDictionary;
  readonly runs?: readonly Run[];
}

/** What a lane tells while it works. */
export interface LaneEvents {
  /** Rejects in order, lines counted from the segment's start. Work goes on when the promise settles. */
  onRejects(segment: Segment, rejects: SegmentReject[]): Promise<void>;
  /** Bytes read from its inputs so far. */
  onProgress?(bytes: number): void;
}

/** Works on segments, one after the other, in the thread that made it. */
export class Lane {
  readonly #job: Job;
  readonly #pass: Pass;
  readonly #events: LaneEvents;
  readonly #signal: AbortSignal | undefined;
  readonly #batch = new EventBatch();
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  readonly #runs: RunWriter | undefined;
  #bytes = 0;

  constructor(job: Job, pass: Pass, events: LaneEvents, signal?: AbortSignal) {
    this.#job = job;
    this.#pass = pass;
    this.#events = events;
    this.#signal = signal;
    this.#runs = pass.runs ? new RunWriter(pass.places) : undefined;
  }

  async run(segment: Segment): Promise<Part> {
    const { aggregation, decoder, sources } = this.#job;
    const batch = this.#batch;
    batch.names = new Dictionary();
    const state = aggregation.zero();
    const tally = new SegmentTally();
    const reader = sources[segment.input.source]!.open(segment.input, startOf(segment));
    const onRead = () => this.#events.onProgress?.(this.#bytes + reader.consumedBytes);
    const options = {
      decoder,
      buffer: this.#buffer,
      batch,
      tally,
      onRead,
      keepRejects: this.#pass.rejects,
      signal: this.#signal,
    };
    try {
      for await (const events of decodeSegment(segment, reader, options)) {
        if (this.#pass.aggregate) aggregation.add(state, events);
        this.#runs?.add(events);
        if (tally.rejects.length > 0)
          await this.#events.onRejects(segment, tally.rejects.splice(0));
      }
      this.#bytes += reader.consumedBytes;
    } finally {
      reader.close();
    }
    return {
      segment,
      lines: tally.lines,
      blank: tally.blank,
      rejected: [...tally.rejected],
      state: this.#pass.aggregate ? aggregation.save(state) : undefined,
      ...(this.#runs && { names: batch.names.save(), runs: this.#runs.take() }),
    };
  }
}
