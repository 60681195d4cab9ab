import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { throwIfInterrupted } from '../../core/errors.ts';
import type { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import { forgottenEvents, type StoredSegment } from '../../core/store.ts';
import type { ReadOptions } from './read-segment.ts';
import type { Segment } from './segment.ts';

/**
 * The events that a store has of a segment, in the order in which they stood in the input, with its books.
 *
 * @throws DaybookError `STORE_UNUSABLE`, `INTERRUPTED`, or `USAGE` where events of interest are forgotten.
 */
export async function* storedSegment(
  { input, rank, from, to }: Segment,
  { store, interest, goneBefore }: NonNullable<Job['stored']>,
  { batch, tally, keepRejects, onRead, signal }: ReadOptions,
): AsyncGenerator<EventBatch> {
  const wanted = batch.needsAll ? undefined : interest;
  const isGone =
    goneBefore !== undefined && (wanted?.from ?? Number.NEGATIVE_INFINITY) < goneBefore;
  batch.input.fill(rank);
  for (const stretch of input.stored!.filter((part) => part.from >= from && part.from < to)) {
    throwIfInterrupted(signal);
    await eventLoopTurn();
    if (isGone && (stretch.forgotten ?? 0) > 0) throw forgottenEvents(goneBefore);
    const linesBefore = tally.lines;
    for await (const events of store.events(stretch.id, batch, wanted)) {
      for (let i = 0; i < events.length; i++) events.line[i]! += linesBefore;
      yield events;
    }
    takeBooks(stretch);
    if (keepRejects) {
      for await (const reject of store.rejects(stretch.id))
        tally.rejects.push({ ...reject, line: reject.line + linesBefore });
      yield batch;
    }
    onRead?.(stretch.to - from);
  }

  function takeBooks({
    lines,
    blank,
    rejected,
    duplicate,
    conflict,
    ...bytes
  }: StoredSegment): void {
    tally.begin(bytes.from);
    tally.to = bytes.to;
    tally.lines += lines;
    tally.blank += blank;
    tally.duplicate += duplicate;
    tally.conflict += conflict;
    for (const [reason, count] of Object.entries(rejected))
      tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + count);
  }
}
