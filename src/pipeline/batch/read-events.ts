import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { throwIfInterrupted } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import type { Input } from '../../core/source.ts';
import { SegmentTally } from '../read/decode-segment.ts';
import { readSegment } from '../read/read-segment.ts';
import { BUFFER_BYTES } from '../read/record-buffer.ts';
import { segmentsOf } from '../read/segment.ts';
import type { RunLayout } from './event-columns.ts';
import { mergeRuns, type SegmentRuns } from './merge-runs.ts';
import type { ScanOptions } from './scan.ts';

/** How often to let signals through while events are merged. */
const BATCHES_PER_TURN = 16;

/**
 * The events of runs in order of time, those of each log for themselves. Signals get through.
 *
 * @param logs - Of each input by rank; one log unless given.
 */
export async function* mergedEvents(
  runs: readonly SegmentRuns[],
  layout: RunLayout,
  logs: readonly number[] | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventBatch> {
  let batches = 0;
  for (const own of Map.groupBy(runs, ({ rank }) => logs?.[rank]).values()) {
    for (const batch of mergeRuns(own, layout)) {
      batches++;
      if (batches % BATCHES_PER_TURN === 0) await eventLoopTurn();
      throwIfInterrupted(signal);
      yield batch;
    }
  }
}

/** The events of all inputs as they stand there, with their places. */
export async function* decodedEvents(
  spec: JobSpec,
  inputs: readonly Input[],
  { onProgress, signal }: Pick<ScanOptions, 'onProgress' | 'signal'>,
): AsyncGenerator<EventBatch> {
  const job = await loadJob(spec);
  const batch = new EventBatch();
  const buffer = job.decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
  let [before, bytes] = [0, 0];
  for (const segment of segmentsOf(inputs, { lanes: 1, sequential: true })) {
    const onRead = (count: number) => {
      bytes = count;
      onProgress?.(before + count);
    };
    const tally = new SegmentTally();
    const options = { buffer, batch, tally, onRead, keepRejects: false, signal };
    yield* readSegment(segment, job, options);
    before += bytes;
  }
}
