import type { EventList } from '../../core/event-list.ts';
import type { JobSpec } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { Part, Pass } from '../batch/lane.ts';
import { type WorkerLane, workerLane } from '../batch/lanes.ts';
import { HashedBytes } from '../read/content-hash.ts';
import type { Segment } from '../read/segment.ts';
import { type IngestPart, KEPT_REJECTS, PART_BYTES } from './ingest-part.ts';
import { partsBefore, type SerialOptions, serialParts } from './serial-parts.ts';

/** What to read of an input on several lanes, and how. */
export interface LaneOptions extends SerialOptions {
  readonly spec: JobSpec;
  readonly lanes: number;
}

/** Parts that a lane may be ahead of what is committed, and all of them: each takes memory. */
const PARTS_AHEAD = 2;
const MOST_AHEAD = 8;

const PASS: Pass = {
  aggregate: true,
  runs: 'none',
  fields: [],
  places: true,
  rejects: true,
  holdRest: true,
};

/** Whether lanes are worth starting for what is left of an input. */
export function isWorthLanes({ job, input, from }: SerialOptions, threads: number): boolean {
  const { splittable, sizeBytes = 0 } = input;
  return threads > 1 && splittable && !job.sequential && sizeBytes - from > 4 * PART_BYTES;
}

/**
 * Decodes an input from a byte to its end on lanes of their own, part by part, in the order of the input.
 *
 * Where a cut fell within a record, the segment behind it is decoded anew in this thread, as are others behind that one up to
 * where a record begins with a segment again: what a record is follows from the bytes from its start on.
 *
 * @throws DaybookError - As `serialParts` does.
 */
export async function* laneParts(options: LaneOptions): AsyncGenerator<IngestPart> {
  const { job, input, hash, onProgress, signal } = options;
  const team = new LaneTeam(segmentsFrom(options), options);
  const bytesBehind = () =>
    new HashedBytes(job.sources[input.source]!.open(input, hash.position), signal);
  let bytes = bytesBehind();
  let { from } = options;
  try {
    for await (const { segment, part, rejects } of team.parts()) {
      if (part.from === undefined || part.to === undefined) continue; // all of it is within one record
      if (segment.index > 0 && part.from !== from) {
        if (!Number.isFinite(segment.to)) break;
        if (segment.to <= from) continue;
        bytes.close();
        from = yield* partsBefore({ ...options, from, end: segment.to });
        bytes = bytesBehind();
        continue;
      }
      if (part.to === from) continue; // all of it is one record without its end
      await bytes.take(hash, part.to);
      yield {
        ...{ from, to: part.to, lines: part.lines, blank: part.blank, rejects },
        events: part.state as EventList,
        rejected: new Map(part.rejected),
        decoder: undefined,
        isRest: false,
      };
      from = part.to;
      onProgress?.(from);
    }
  } finally {
    bytes.close();
    await team.close();
  }
  yield* serialParts({ ...options, from });
}

function segmentsFrom({ input, from, partBytes = PART_BYTES }: LaneOptions): Segment[] {
  const count = Math.ceil((input.sizeBytes! - from) / partBytes);
  return Array.from({ length: count }, (_, index) => ({
    ...{ index, rank: 0, input, from: from + index * partBytes },
    to: index === count - 1 ? Number.POSITIVE_INFINITY : from + (index + 1) * partBytes,
  }));
}

/** What a lane brought of a segment. */
interface Brought {
  readonly segment: Segment;
  readonly part: Part;
  readonly rejects: readonly SegmentReject[];
}

/** Lanes that work on segments side by side, not far ahead of who takes what they bring. */
class LaneTeam {
  readonly #segments: readonly Segment[];
  readonly #brought: PromiseWithResolvers<Brought>[];
  readonly #rejects: SegmentReject[][];
  readonly #lanes: WorkerLane[];
  readonly #ahead: number;
  #next = 0;
  #taken = 0;
  #go = Promise.withResolvers<void>();

  constructor(segments: readonly Segment[], { spec, job, lanes }: LaneOptions) {
    this.#segments = segments;
    this.#brought = segments.map(newPromise);
    this.#rejects = segments.map(() => []);
    const progress = new SharedArrayBuffer(8 * lanes);
    const onRejects = async (first: Segment, rejects: SegmentReject[]) => {
      const kept = this.#rejects[first.index]!;
      kept.push(...rejects.slice(0, KEPT_REJECTS - kept.length));
    };
    this.#lanes = Array.from({ length: Math.min(lanes, MOST_AHEAD) }, (_, lane) =>
      workerLane(spec, job.aggregation, PASS, { onRejects }, progress, lane),
    );
    this.#ahead = Math.min(PARTS_AHEAD * this.#lanes.length, MOST_AHEAD);
    for (const lane of this.#lanes) this.#work(lane).catch((error) => this.#fail(error));
  }

  /** What is brought, in the order of the segments. */
  async *parts(): AsyncGenerator<Brought> {
    for (const [index, { promise }] of this.#brought.entries()) {
      const brought = await promise;
      // Let go of: parts take far more memory than they do in the input.
      this.#brought[index] = newPromise();
      this.#rejects[index] = [];
      yield brought;
      this.#taken++;
      this.#go.resolve();
      this.#go = Promise.withResolvers();
    }
  }

  async close(): Promise<void> {
    this.#next = this.#segments.length;
    this.#go.resolve();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
  }

  async #work(lane: WorkerLane): Promise<void> {
    while (this.#next < this.#segments.length) {
      if (this.#next >= this.#taken + this.#ahead) {
        await this.#go.promise;
        continue;
      }
      const segment = this.#segments[this.#next++]!;
      await lane.run(segment);
      const part = await lane.take();
      this.#brought[segment.index]!.resolve({
        segment,
        part,
        rejects: this.#rejects[segment.index]!,
      });
    }
  }

  #fail(error: unknown): void {
    for (const { reject } of this.#brought) reject(error);
  }
}

/** A promise that may fail while nobody waits for it yet, or any more. */
function newPromise(): PromiseWithResolvers<Brought> {
  const brought = Promise.withResolvers<Brought>();
  brought.promise.catch(() => {});
  return brought;
}
