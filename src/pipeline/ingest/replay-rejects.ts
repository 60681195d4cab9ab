import { DaybookError, throwIfInterrupted } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { EventList } from '../../core/event-list.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { Input } from '../../core/source.ts';
import type { Committed, Store, StoredInput, StoredSegment, Stream } from '../../core/store.ts';
import { RejectedRecords } from './rejected-records.ts';

/** Whose rejects to decode anew, and how. */
export interface ReplayRequest {
  readonly store: Store;
  /** As its records are to be read from now on. */
  readonly stream: Stream;
  /** Rejects of these reasons only. */
  readonly reasons?: readonly string[] | undefined;
  /** What decodes an input. */
  readonly jobOf: (input: Pick<Input, 'name'>) => JobSpec;
  /** Finds the file that was read under a name, if there is one. */
  readonly inputNamed: (name: string) => Promise<Input | undefined>;
}

/** What became of an input's rejects. */
export interface Replayed extends Omit<Committed, 'input'> {
  readonly input: string;
  /** Rejects that were looked at. */
  readonly rejects: number;
  /** Of these, how many could not be decoded: only their input has all of them, and that is gone or was changed. */
  readonly unread: number;
}

/**
 * Decodes the rejects of a source anew; those that are events now become that. Inputs without any are left out.
 *
 * Each stretch of an input is amended at once, and a reject that is an event now is no reject any more: so a replay
 * that was stopped can simply be run again.
 *
 * @throws DaybookError `STORE_UNUSABLE`, `INTERRUPTED`, or `USAGE` where a record's meaning depends on those before it.
 */
export async function* replayRejects(
  request: ReplayRequest,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Replayed> {
  const { store, stream } = request;
  for (const input of await store.inputs(stream.name)) {
    const replayed = await replayInput(request, input, signal);
    if (replayed) yield replayed;
  }
  await store.amend(stream); // also where nothing became an event
}

async function replayInput(
  request: ReplayRequest,
  input: StoredInput,
  signal: AbortSignal | undefined,
): Promise<Replayed | undefined> {
  const { store, stream } = request;
  const total = { input: input.name, rejects: 0, unread: 0, counted: 0, duplicate: 0, conflict: 0 };
  let records: RejectedRecords | undefined;
  try {
    for (const segment of await store.segments(input.id)) {
      throwIfInterrupted(signal);
      const rejects = await rejectsOf(request, segment);
      if (rejects.length === 0) continue;
      records ??= await openRecords(request, input, signal);
      const events = new EventList(stream.fields);
      const batch = new EventBatch();
      for (const reject of rejects) {
        batch.clear();
        if (!(await records.decode(reject, segment.to, batch))) total.unread++;
        else if (batch.length > 0) events.append(batch);
      }
      total.rejects += rejects.length;
      if (events.length === 0) continue;
      const found = await store.amend(stream, { segment: segment.id, events });
      for (const what of ['counted', 'duplicate', 'conflict'] as const) total[what] += found[what];
    }
  } finally {
    records?.close();
  }
  return total.rejects > 0 ? total : undefined;
}

async function openRecords(
  { jobOf, stream, inputNamed }: ReplayRequest,
  input: StoredInput,
  signal: AbortSignal | undefined,
): Promise<RejectedRecords> {
  const job = await loadJob(jobOf(input));
  if (job.sequential) {
    throw new DaybookError(
      'USAGE',
      `what a record of ${stream.name} means depends on those before it; daybook ingest --replace counts a log anew`,
    );
  }
  return new RejectedRecords(job, input, () => inputNamed(input.name), signal);
}

/** The kept rejects of a stretch, without those that are events in conflict with others. */
async function rejectsOf(
  { store, reasons }: ReplayRequest,
  segment: StoredSegment,
): Promise<SegmentReject[]> {
  const rejects: SegmentReject[] = [];
  for await (const reject of store.rejects(segment.id)) {
    const { reason } = reject;
    if (reason !== 'conflict' && reasons?.includes(reason) !== false) rejects.push(reject);
  }
  return rejects;
}
