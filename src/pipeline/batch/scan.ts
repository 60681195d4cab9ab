import { type Books, byReason } from '../../core/books.ts';
import { Dictionary } from '../../core/dictionary.ts';
import { throwIfInterrupted } from '../../core/errors.ts';
import { type Job, type JobSpec, loadJob } from '../../core/job.ts';
import type { RejectSink } from '../../core/rejects.ts';
import type { Input } from '../../core/source.ts';
import { follows, lanesFor, segmentsOf } from '../read/segment.ts';
import { closeSpillFiles, openSpillFiles } from '../read/spill-file.ts';
import { untilInterrupted } from '../read/until-interrupted.ts';
import type { LaneEvents, Part, Pass } from './lane.ts';
import { type LaneHandle, localLane, workerLane } from './lanes.ts';
import type { SegmentRuns } from './merge-runs.ts';
import { OrderedRejects } from './ordered-rejects.ts';
import { SegmentQueue } from './segment-queue.ts';
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
  /** The open files that hold them, to be closed by who asked for the runs. */
  readonly spills: readonly number[];
  /** Records read, and rejected by reason. */
  readonly read: number;
  readonly rejected: Books['rejected'];
  /** Records that were not counted when they were put into a store. */
  readonly duplicate: number;
  readonly conflict: number;
  /** Records that were left out because they are of others. */
  readonly others: number;
  /** Streams that were not read to their end because the range was over, and where that was, in bytes. */
  readonly stopped: readonly { readonly input: string; readonly at: number }[];
}

const PROGRESS_INTERVAL_MS = 100;

/**
 * Goes over all inputs once, on all lanes, and joins what their segments bring in the order of the log.
 *
 * The result does not depend on the number of lanes or on how inputs are cut.
 *
 * @param opened - The job, if it is open and nobody else works with it.
 * @throws DaybookError `SOURCE_UNREADABLE`, `SPILL_FAILED`, `INTERRUPTED`, or what the sink throws.
 */
export async function scan(
  spec: JobSpec,
  inputs: readonly Input[],
  pass: Pass,
  options: ScanOptions,
  opened?: Job,
): Promise<Scanned> {
  throwIfInterrupted(options.signal);
  const job = opened ?? (await loadJob(spec));
  const { spansLines = false } = job.decoder;
  // Rejects are written as they are found: there is no second try.
  const whole = job.sequential || (spansLines && options.rejects !== undefined);
  const scanned = await scanSegments(spec, job, inputs, pass, { ...options, whole });
  if (!spansLines || !scanned.torn) return scanned;
  closeSpillFiles(scanned.spills);
  return scanSegments(spec, job, inputs, pass, { ...options, whole: true });
}

/** Goes over the inputs, cut or not. */
async function scanSegments(
  spec: JobSpec,
  job: Job,
  inputs: readonly Input[],
  pass: Pass,
  options: ScanOptions & { readonly whole: boolean },
): Promise<Scanned & { readonly torn: boolean }> {
  const { whole, segmentBytes } = options;
  const worth = lanesFor(inputs, options, job.sequential);
  const count = whole ? Math.min(worth, Math.max(1, inputs.length)) : worth;
  const collector = new Collector(job, options.rejects);
  const cut = segmentsOf(inputs, { lanes: count, sequential: whole, segmentBytes });
  const queue = SegmentQueue.of(cut, count);
  const progress = new SharedArrayBuffer(8 * count);
  const report = () =>
    options.onProgress?.(new Float64Array(progress).reduce((sum, bytes) => sum + bytes, 0));
  const timer = options.onProgress && setInterval(report, PROGRESS_INTERVAL_MS);
  const lanes: LaneHandle[] = [];
  const spills = pass.runs === 'none' ? [] : openSpillFiles(count);
  // Stops the lane in this thread; a worker is ended as it is.
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal ? [options.signal] : [])]);
  let work: Promise<void>[] = [];
  try {
    // Workers first: they start while this thread, which is a lane too, is already at work.
    for (let lane = 1; lane < count; lane++) {
      const own = { ...pass, spill: spills[lane] };
      lanes.push(workerLane(spec, job.aggregation, own, collector.events, progress, lane));
    }
    const bytesRead = new Float64Array(progress);
    const onProgress = (bytes: number) => {
      bytesRead[0] = bytes;
    };
    const own = { ...pass, spill: spills[0] };
    lanes.unshift(localLane(job, own, { ...collector.events, onProgress }, signal));
    work = lanes.map((lane) => lane.drain(queue, (part) => collector.take(part)));
    await untilInterrupted(Promise.all(work), signal);
  } catch (error) {
    stop.abort();
    await Promise.all(lanes.map((lane) => lane.close()));
    // Not before the last lane has stopped writing to them: what fails here does not stop a worker.
    void Promise.allSettled(work).then(() => closeSpillFiles(spills));
    throw error;
  } finally {
    clearInterval(timer);
  }
  for (const lane of lanes) void lane.close(); // They have nothing left to do: nobody waits for their end.
  return { ...collector.result(), spills };
}

/** Joins what the stretches bring, in whatever order they are done. */
class Collector {
  readonly events: LaneEvents;
  readonly #states: StateJoiner;
  readonly #rejects: OrderedRejects | undefined;
  readonly #parts: Omit<Part, 'state'>[] = [];
  readonly #rejected = new Map<string, number>();
  #read = 0;
  #duplicate = 0;
  #conflict = 0;
  #others = 0;

  constructor(job: Job, sink: RejectSink | undefined) {
    this.#states = new StateJoiner(job.aggregation);
    const rejects = sink && new OrderedRejects(sink);
    this.#rejects = rejects;
    this.events = { onRejects: async (first, found) => rejects?.push(first, found) };
  }

  async take({ state, ...part }: Part): Promise<void> {
    const { first, last, lines, blank, rejected } = part;
    this.#read += lines - blank;
    this.#duplicate += part.duplicate;
    this.#conflict += part.conflict;
    this.#others += part.others;
    for (const [reason, count] of rejected) {
      this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
    }
    this.#parts.push(part);
    if (state !== undefined) this.#states.take(first.index, last.index, state);
    await this.#rejects?.done(first, last, lines);
  }

  result(): Omit<Scanned, 'spills'> & { readonly torn: boolean } {
    const rejected = byReason(this.#rejected);
    const runs = this.#placedRuns(); // sorts the parts
    const stopped = this.#parts.flatMap(({ first, stoppedAt }) =>
      stoppedAt === undefined ? [] : [{ input: first.input.name, at: stoppedAt }],
    );
    const state = this.#states.joined();
    const [duplicate, conflict, others] = [this.#duplicate, this.#conflict, this.#others];
    const torn = this.#isTorn();
    const read = this.#read;
    return { state, runs, read, rejected, duplicate, conflict, others, stopped, torn };
  }

  /** Whether a record was cut in two: then neighbours of one input do not meet. */
  #isTorn(): boolean {
    return this.#parts.some(({ torn, first, from }, i) => {
      const before = this.#parts[i - 1];
      return torn || (before !== undefined && follows(first, before.last) && from !== before.to);
    });
  }

  /** The runs in the order of the log, and how many lines of the same input stand in front of each. */
  #placedRuns(): SegmentRuns[] {
    const placed: SegmentRuns[] = [];
    let linesBefore = 0;
    let rank = 0;
    for (const part of this.#parts.sort((a, b) => a.first.index - b.first.index)) {
      if (part.first.rank !== rank) linesBefore = 0;
      rank = part.first.rank;
      const { names, runs, lines } = part;
      if (names && runs) placed.push({ rank, names: Dictionary.load(names), runs, linesBefore });
      linesBefore += lines;
    }
    return placed;
  }
}
