import { type Books, checkBalance } from '../core/books.ts';
import { Dictionary } from '../core/dictionary.ts';
import type { Job, JobSpec, OpenJob } from '../core/job.ts';
import type { RejectSink } from '../core/rejects.ts';
import type { Input } from '../core/source.ts';
import type { LaneEvents, Part, Pass } from './lane.ts';
import { type LaneHandle, localLane, workerLane } from './lanes.ts';
import type { SegmentRuns } from './merge-runs.ts';
import { OrderedRejects } from './ordered-rejects.ts';
import { lanesFor, type Segment, segmentsOf } from './segment.ts';
import { StateJoiner } from './state-joiner.ts';

/** How to go over the inputs. */
export interface ScanOptions {
  /** Lanes to use at most. */
  readonly threads: number;
  /** Cut files into segments of this size; chosen so as to keep all lanes busy unless given. */
  readonly segmentBytes?: number | undefined;
  /** Takes every reject, in the order of the log. */
  readonly rejects?: RejectSink | undefined;
  /** Called with the bytes read so far, now and then. */
  readonly onProgress?: ((bytesRead: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a scan found. */
export interface Scanned {
  /** The joined state of all segments; valid where the pass aggregated. */
  readonly state: unknown;
  /** The sorted events; empty unless the pass asked for runs. */
  readonly runs: readonly SegmentRuns[];
  /** Records read, and rejected by reason. */
  readonly read: number;
  readonly rejected: Books['rejected'];
}

const PROGRESS_INTERVAL_MS = 100;

/**
 * Goes over all inputs once, on all lanes, and joins what their segments bring in the order of the log.
 *
 * The result does not depend on the number of lanes or on how inputs are cut.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `SPILL_FAILED`, `INTERRUPTED`, or what the sink throws.
 */
export async function scan(
  spec: JobSpec,
  inputs: readonly Input[],
  pass: Pass,
  options: ScanOptions,
): Promise<Scanned> {
  const { openJob } = (await import(spec.module)) as { openJob: OpenJob };
  options.signal?.throwIfAborted();
  const job = openJob(spec);
  const count =
    options.segmentBytes === undefined
      ? lanesFor(inputs, options.threads, job.sequential)
      : options.threads;
  const collector = new Collector(job, options.rejects);
  const segments = segmentsOf(inputs, {
    lanes: count,
    sequential: job.sequential,
    segmentBytes: options.segmentBytes,
  });
  const progress = new SharedArrayBuffer(8 * count);
  const report = () =>
    options.onProgress?.(new Float64Array(progress).reduce((sum, bytes) => sum + bytes, 0));
  const timer = options.onProgress && setInterval(report, PROGRESS_INTERVAL_MS);
  const lanes: LaneHandle[] = [];
  const interrupted = Promise.withResolvers<never>();
  const interrupt = () => interrupted.reject(options.signal?.reason);
  options.signal?.addEventListener('abort', interrupt, { once: true });
  try {
    if (count === 1) {
      const events = {
        ...collector.events,
        onProgress: (bytes: number) => new Float64Array(progress).fill(bytes),
      };
      lanes.push(await localLane(spec, pass, events, options.signal));
    } else {
      for (let lane = 0; lane < count; lane++)
        lanes.push(workerLane(spec, pass, collector.events, progress, lane));
    }
    const work = Promise.all(lanes.map((lane) => drain(lane, segments, collector)));
    await Promise.race([work, interrupted.promise]);
  } finally {
    clearInterval(timer);
    options.signal?.removeEventListener('abort', interrupt);
    await Promise.all(lanes.map((lane) => lane.close()));
  }
  return collector.result();
}

/** Has a lane take one segment after the other until none is left. */
async function drain(
  lane: LaneHandle,
  segments: Generator<Segment>,
  collector: Collector,
): Promise<void> {
  for (let next = segments.next(); !next.done; next = segments.next()) {
    await collector.take(await lane.run(next.value));
  }
}

/** Joins what the segments bring, in whatever order they are done. */
class Collector {
  readonly events: LaneEvents;
  readonly #states: StateJoiner;
  readonly #rejects: OrderedRejects | undefined;
  readonly #runs: (Omit<SegmentRuns, 'linesBefore'> | undefined)[] = [];
  readonly #lines: { rank: number; lines: number }[] = [];
  readonly #rejected = new Map<string, number>();
  #read = 0;

  constructor(job: Job, sink: RejectSink | undefined) {
    this.#states = new StateJoiner(job.aggregation);
    const rejects = sink && new OrderedRejects(sink);
    this.#rejects = rejects;
    this.events = { onRejects: async (segment, found) => rejects?.push(segment, found) };
  }

  async take(part: Part): Promise<void> {
    const { segment, lines, blank, rejected, state, names, runs } = part;
    this.#read += lines - blank;
    this.#lines[segment.index] = { rank: segment.rank, lines };
    for (const [reason, count] of rejected)
      this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
    if (state !== undefined) this.#states.take(segment.index, state);
    if (names && runs) this.#runs[segment.index] = { names: Dictionary.load(names), runs };
    await this.#rejects?.done(segment, lines);
  }

  result(): Scanned {
    // Sorted by name, so that the order in which lanes met them does not show.
    const rejected = Object.fromEntries([...this.#rejected].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { state: this.#states.joined(), runs: this.#placedRuns(), read: this.#read, rejected };
  }

  /** The runs of all segments, and how many lines of the same input stand in front of each. */
  #placedRuns(): SegmentRuns[] {
    const placed: SegmentRuns[] = [];
    let linesBefore = 0;
    for (const [index, { rank, lines }] of this.#lines.entries()) {
      if (rank !== this.#lines[index - 1]?.rank) linesBefore = 0;
      const runs = this.#runs[index];
      if (runs) placed.push({ ...runs, linesBefore });
      linesBefore += lines;
    }
    return placed;
  }
}

/** The balanced books of a scan whose report counted so many records and left out others. */
export function booksOf({ read, rejected }: Scanned, counted: number, filtered: number): Books {
  const books = { read, counted, rejected, duplicate: 0, conflict: 0, late: 0, filtered };
  checkBalance(books);
  return books;
}
