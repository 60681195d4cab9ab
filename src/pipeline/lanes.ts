import { Worker } from 'node:worker_threads';
import { DaybookError } from '../core/errors.ts';
import type { JobSpec, OpenJob } from '../core/job.ts';
import { Lane, type LaneEvents, type Part, type Pass } from './lane.ts';
import { LANE, type LaneAnswer, type LaneRequest, laneWorker } from './lane-worker.ts';
import type { Segment } from './segment.ts';

/** A lane, in this thread or another. */
export interface LaneHandle {
  run(segment: Segment): Promise<Part>;
  close(): Promise<void>;
}

/** A lane in this thread: nothing to start, and the thread does nothing else. */
export async function localLane(
  spec: JobSpec,
  pass: Pass,
  events: LaneEvents,
  signal?: AbortSignal,
): Promise<LaneHandle> {
  const { openJob } = (await import(spec.module)) as { openJob: OpenJob };
  const lane = new Lane(openJob(spec), pass, events, signal);
  return { run: (segment) => lane.run(segment), close: async () => {} };
}

/** A lane in a thread of its own. */
export function workerLane(
  spec: JobSpec,
  pass: Pass,
  events: LaneEvents,
  progress: SharedArrayBuffer,
  lane: number,
): LaneHandle {
  const worker = new Worker(laneWorker, {
    workerData: { mark: LANE, spec, pass, progress, lane },
    trackUnmanagedFds: false, // The files of runs are read after their lane has closed.
  });
  let settle: PromiseWithResolvers<Part> | undefined;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    settle?.reject(failure);
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a lane ended before its work')));
  worker.on('message', (answer: LaneAnswer) => {
    if ('part' in answer) settle?.resolve(answer.part);
    else if ('failed' in answer) fail(errorOf(answer));
    else {
      events.onRejects(answer.segment, answer.rejects).then(() => {
        worker.postMessage({ rejectsTaken: true } satisfies LaneRequest);
      }, fail);
    }
  });
  return {
    run(segment) {
      if (failure !== undefined) return Promise.reject(failure);
      settle = Promise.withResolvers();
      worker.postMessage({ segment } satisfies LaneRequest);
      return settle.promise;
    },
    async close() {
      settle?.promise.catch(() => {}); // Nobody waits for a lane that is closed.
      await worker.terminate();
    },
  };
}

function errorOf({ failed, code }: Extract<LaneAnswer, { failed: string }>): Error {
  return code === undefined ? new Error(`in a lane: ${failed}`) : new DaybookError(code, failed);
}
