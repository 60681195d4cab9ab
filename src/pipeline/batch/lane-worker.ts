import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { DaybookError, type FAILURES } from '../../core/errors.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { Segment } from '../read/segment.ts';
import { Lane, type LaneEvents, type Part, type Pass } from './lane.ts';
import { LANE, type LaneThreadData } from './lane-threads.ts';
import { SegmentQueue, type SharedQueue } from './segment-queue.ts';

/** What a lane is to do. */
interface LaneOrder {
  readonly spec: JobSpec;
  readonly pass: Pass;
  /** Bytes read by each lane, as 64-bit floats; this one writes at `lane`. */
  readonly progress: SharedArrayBuffer;
  readonly lane: number;
}

/**
 * What a lane is told: at first what to do; then to work on a segment, to hand over what that brought, or to work off
 * a queue; and that its rejects were taken.
 */
export type LaneRequest =
  | { readonly order: LaneOrder }
  | { readonly segment: Segment }
  | { readonly take: true }
  | { readonly queue: SharedQueue }
  | { readonly rejectsTaken: true };

/**
 * What it answers: that the segment or the queue is done, what it hands over when told to, and what it brings of a
 * queue. A failure that is no `DaybookError` keeps its stack as text.
 */
export type LaneAnswer =
  | { readonly done: true }
  | { readonly part: Part }
  | { readonly brought: Part }
  | { readonly rejects: SegmentReject[]; readonly first: Segment }
  | { readonly failed: string; readonly code: keyof typeof FAILURES | undefined };

if ((workerData as LaneThreadData | null)?.mark === LANE) serve(parentPort!);

/** Does as it is told, one request after the other. */
function serve(port: MessagePort): void {
  const tell = (answer: LaneAnswer, moved: ArrayBuffer[] = []) => port.postMessage(answer, moved);
  let rejectsTaken = () => {};
  const onRejects = (first: Segment, rejects: SegmentReject[]) => {
    const taken = Promise.withResolvers<void>();
    rejectsTaken = taken.resolve;
    tell({ rejects, first });
    return taken.promise;
  };
  let opened: Opened | undefined;
  const follow = async (request: Exclude<LaneRequest, { rejectsTaken: true }>) => {
    if ('order' in request) {
      opened = await open(request.order, onRejects);
      return;
    }
    const { lane, order, plain } = opened!;
    if ('take' in request) {
      const part = plain(lane.take());
      return tell({ part }, buffersOf(part));
    }
    if ('segment' in request) await lane.run(request.segment);
    else {
      const queue = new SegmentQueue(request.queue);
      await lane.drain(queue, order.lane, async (part) => {
        const brought = plain(part);
        tell({ brought }, buffersOf(brought));
      });
    }
    tell({ done: true });
  };
  let followed = Promise.resolve();
  port.on('message', (request: LaneRequest) => {
    if ('rejectsTaken' in request) return rejectsTaken();
    followed = followed.then(() => follow(request)).catch((error) => tell(failureOf(error)));
  });
}

/** A lane that is ready for work. */
interface Opened {
  readonly lane: Lane;
  readonly order: LaneOrder;
  /** What it brought as plain data. */
  plain(part: Part): Part;
}

async function open(order: LaneOrder, onRejects: LaneEvents['onRejects']): Promise<Opened> {
  const { spec, pass, progress } = order;
  const bytesRead = new Float64Array(progress);
  const job = await loadJob(spec);
  const onProgress = (bytes: number) => {
    bytesRead[order.lane] = bytes;
  };
  const { save } = job.aggregation;
  return {
    lane: new Lane(job, pass, { onRejects, onProgress }),
    order,
    plain: (part) => ({ ...part, state: pass.aggregate ? save(part.state) : undefined }),
  };
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
