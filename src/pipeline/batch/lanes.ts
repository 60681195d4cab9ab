import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Aggregation } from '../../core/aggregation.ts';
import { DaybookError } from '../../core/errors.ts';
import type { Job, JobSpec } from '../../core/job.ts';
import type { Segment } from '../read/segment.ts';
import { Lane, type LaneEvents, type Part, type Pass } from './lane.ts';
import { LANE, type LaneAnswer, type LaneRequest, laneWorker } from './lane-worker.ts';

/** A lane, in this thread or another. */
export interface LaneHandle {
  /** Adds a segment to the stretch under way, which it must follow; the first one begins it. */
  run(segment: Segment): Promise<void>;
  /** Ends the stretch under way and hands over what it brought. */
  take(): Promise<Part>;
  close(): Promise<void>;
}

/** A lane in this thread: nothing to start, and the thread does nothing else. */
export function localLane(
  job: Job,
  pass: Pass,
  events: LaneEvents,
  signal: AbortSignal,
): LaneHandle {
  const lane = new Lane(job, pass, events, signal);
  return {
    run: (segment) => lane.run(segment),
    take: async () => lane.take(),
    close: async () => lane.close(),
  };
}

/**
 * A lane in a thread of its own.
 *
 * @param aggregation - That of the job, for what is brought.
 */
export function workerLane(
  spec: JobSpec,
  { load }: Aggregation<unknown, unknown>,
  pass: Pass,
  events: LaneEvents,
  progress: SharedArrayBuffer,
  lane: number,
): LaneHandle {
  const worker = new Worker(laneWorker, {
    workerData: { mark: LANE, spec, pass, progress, lane },
    env: laneEnvironment(),
    trackUnmanagedFds: false, // The files of runs are read after their lane has closed.
  });
  let waiting: PromiseWithResolvers<Part | undefined> | undefined;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    waiting?.reject(failure);
  };
  const tell = (request: LaneRequest) => worker.postMessage(request);
  const ask = (request: LaneRequest) => {
    if (failure !== undefined) return Promise.reject(failure);
    waiting = Promise.withResolvers();
    tell(request);
    return waiting.promise;
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a lane ended before its work')));
  worker.on('message', (answer: LaneAnswer) => {
    if ('failed' in answer) fail(errorOf(answer));
    else if ('rejects' in answer) {
      events.onRejects(answer.first, answer.rejects).then(() => tell({ rejectsTaken: true }), fail);
    } else waiting?.resolve('part' in answer ? answer.part : undefined);
  });
  return {
    async run(segment) {
      await ask({ segment });
    },
    async take() {
      const part = (await ask({ take: true }))!;
      return { ...part, state: pass.aggregate ? load(part.state) : undefined };
    },
    async close() {
      waiting?.promise.catch(() => {}); // Nobody waits for a lane that is closed.
      await worker.terminate();
    },
  };
}

/** The compile cache of this thread, which does not reach others by itself: a lane then starts in a quarter of the time. */
function laneEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: cache };
}

function errorOf({ failed, code }: Extract<LaneAnswer, { failed: string }>): Error {
  return code === undefined ? new Error(`in a lane: ${failed}`) : new DaybookError(code, failed);
}
