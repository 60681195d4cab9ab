import type { Aggregation } from '../../core/aggregation.ts';
import { DaybookError } from '../../core/errors.ts';
import type { Job, JobSpec } from '../../core/job.ts';
import type { Segment } from '../read/segment.ts';
import { Lane, type LaneEvents, type Part, type Pass } from './lane.ts';
import { takeThread } from './lane-threads.ts';
import type { LaneAnswer, LaneRequest } from './lane-worker.ts';
import type { SegmentQueue } from './segment-queue.ts';

/** A lane of a scan, in this thread or another. */
export interface LaneHandle {
  /** Works off what is left in the queue of all lanes, and hands over each stretch of neighbours. */
  drain(queue: SegmentQueue, onPart: (part: Part) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** A lane in a thread of its own, which can also be told what to do segment by segment. */
export interface WorkerLane extends LaneHandle {
  /** Adds a segment to the stretch under way, which it must follow; the first one begins it. */
  run(segment: Segment): Promise<void>;
  /** Ends the stretch under way and hands over what it brought. */
  take(): Promise<Part>;
}

/** The first lane, in this thread: nothing to start, and the thread does nothing else. */
export function localLane(
  job: Job,
  pass: Pass,
  events: LaneEvents,
  signal: AbortSignal,
): LaneHandle {
  const lane = new Lane(job, pass, events, signal);
  return {
    drain: (queue, onPart) => lane.drain(queue, 0, onPart),
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
): WorkerLane {
  const worker = takeThread();
  let waiting: PromiseWithResolvers<Part | undefined> | undefined;
  let onBrought = (_: Part) => {};
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
  const loaded = (part: Part): Part => ({
    ...part,
    state: pass.aggregate ? load(part.state) : undefined,
  });
  const hear = (answer: LaneAnswer) => {
    if ('failed' in answer) fail(errorOf(answer));
    else if ('rejects' in answer) {
      events.onRejects(answer.first, answer.rejects).then(() => tell({ rejectsTaken: true }), fail);
    } else if ('brought' in answer) onBrought(loaded(answer.brought));
    else waiting?.resolve('part' in answer ? loaded(answer.part) : undefined);
  };
  tell({ order: { spec, pass, progress, lane } });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('a lane ended before its work')));
  worker.on('messageerror', fail);
  worker.on('message', (answer: LaneAnswer) => {
    try {
      hear(answer);
    } catch (error) {
      fail(error); // Thrown in a listener, it would end the process.
    }
  });
  return {
    async drain({ shared }, onPart) {
      let taken = Promise.resolve();
      onBrought = (part) => {
        taken = taken.then(() => onPart(part));
        taken.catch(fail);
      };
      await ask({ queue: shared });
      await taken;
    },
    async run(segment) {
      await ask({ segment });
    },
    async take() {
      return (await ask({ take: true }))!;
    },
    async close() {
      waiting?.promise.catch(() => {}); // Nobody waits for a lane that is closed.
      await worker.terminate();
    },
  };
}

function errorOf({ failed, code }: Extract<LaneAnswer, { failed: string }>): Error {
  return code === undefined ? new Error(`in a lane: ${failed}`) : new DaybookError(code, failed);
}
