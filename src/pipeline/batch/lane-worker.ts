import { parentPort, workerData } from 'node:worker_threads';
import { DaybookError, type FAILURES } from '../../core/errors.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { Segment } from '../read/segment.ts';
import { Lane, type Part, type Pass } from './lane.ts';

/** This file, for `new Worker`: a path that both the sources and the build find. */
export const laneWorker: URL = new URL(import.meta.url);

/** Marks our own workers: an application may import this file in one of its own. */
export const LANE = 'daybook lane';

interface LaneWorkerData {
  readonly mark: typeof LANE;
  readonly spec: JobSpec;
  readonly pass: Pass;
  /** Bytes read by each lane, as 64-bit floats; this one writes at `lane`. */
  readonly progress: SharedArrayBuffer;
  readonly lane: number;
}

/** What a lane is told: a segment to work on, to hand over, or that its rejects were taken. */
export type LaneRequest =
  | { readonly segment: Segment }
  | { readonly take: true }
  | { readonly rejectsTaken: true };

/** What it answers. A failure that is no `DaybookError` keeps its stack as text. */
export type LaneAnswer =
  | { readonly segmentDone: true }
  | { readonly part: Part }
  | { readonly rejects: SegmentReject[]; readonly first: Segment }
  | { readonly failed: string; readonly code: keyof typeof FAILURES | undefined };

if ((workerData as LaneWorkerData | null)?.mark === LANE) {
  await serve(workerData as LaneWorkerData);
}

async function serve({ spec, pass, progress, lane }: LaneWorkerData): Promise<void> {
  const port = parentPort!;
  const bytesRead = new Float64Array(progress);
  let rejectsTaken = () => {};
  const job = await loadJob(spec);
  const worker = new Lane(job, pass, {
    onRejects(first, rejects) {
      const taken = new Promise<void>((resolve) => {
        rejectsTaken = resolve;
      });
      port.postMessage({ rejects, first } satisfies LaneAnswer);
      return taken;
    },
    onProgress(bytes) {
      bytesRead[lane] = bytes;
    },
  });
  port.on('message', (request: LaneRequest) => {
    if ('rejectsTaken' in request) return rejectsTaken();
    if ('take' in request) {
      const { state, ...brought } = worker.take();
      const part = { ...brought, state: pass.aggregate ? job.aggregation.save(state) : undefined };
      return port.postMessage({ part } satisfies LaneAnswer, buffersOf(part));
    }
    worker.run(request.segment).then(
      () => port.postMessage({ segmentDone: true } satisfies LaneAnswer),
      (error: unknown) => port.postMessage(failureOf(error)),
    );
  });
}

function failureOf(error: unknown): LaneAnswer {
  if (error instanceof DaybookError) return { failed: error.message, code: error.code };
  return {
    failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
    code: undefined,
  };
}

/** The memory of all typed arrays in plain data, to be handed over instead of copied. */
function buffersOf(data: unknown): ArrayBuffer[] {
  if (ArrayBuffer.isView(data)) return data.buffer instanceof ArrayBuffer ? [data.buffer] : [];
  if (typeof data !== 'object' || data === null) return [];
  return Object.values(data).flatMap(buffersOf);
}
