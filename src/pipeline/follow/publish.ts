import { setTimeout } from 'node:timers/promises';
import type { Outlet } from '../../core/destination.ts';
import { DaybookError } from '../../core/errors.ts';
import type { LiveSource } from '../../core/live-source.ts';
import type { RejectSink } from '../../core/rejects.ts';
import type { Checkpoint, Resumed, Snapshot } from './checkpoint.ts';
import type { Follower } from './follow.ts';
import { lateMessage } from './run-windows.ts';
import type { WindowRows } from './window-run.ts';

/** How often what was read is saved while nothing is reported, ms; less often where saving takes long. */
const SAVE_MS = 1000;
/** Share of the time that may go into that. */
const SAVE_SHARE = 0.05;
/** How long to wait before saving is tried again, where it must be. */
const RETRY_MS = 1000;

/** How far rejects are listed. */
type SavedRejects = Pick<Snapshot, 'rejectBytes' | 'unlisted'>;

/** Whom to publish, where, and what to remember. */
export interface PublishOptions<Written = string> {
  readonly follower: Follower;
  readonly source: LiveSource;
  readonly outlet: Outlet<Written>;
  /** A window's report as the outlet takes it; the first one may have a header. */
  readonly render: (report: WindowRows, first: boolean) => Promise<Written>;
  /** Is called at each step, also where nothing was rejected. */
  readonly rejects?: RejectSink | undefined;
  /** Makes what the sink wrote outlast a loss of power, if it writes, and tells what a checkpoint keeps of it. */
  readonly saveRejects?: (() => Promise<SavedRejects>) | undefined;
  readonly checkpoint?: Checkpoint<Written> | undefined;
  /** What is reported, of what. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onNote: (message: string) => void;
  /** Called after each step. */
  readonly onStep?: () => Promise<void> | undefined;
}

/**
 * Publishes windows as they are due, until the source is finished or a signal stops it.
 *
 * With a checkpoint a report is saved before it is written, together with all that was read for it, and marked
 * behind: who goes on from there after a stop at any instant writes each report to a file once.
 *
 * @throws DaybookError `DESTINATION_UNWRITABLE` or `SOURCE_UNREADABLE`
 */
export async function publish<Written>(options: PublishOptions<Written>): Promise<void> {
  const { follower, source, outlet, render, rejects, checkpoint, key, signal } = options;
  let saveAt = performance.now() + SAVE_MS;
  let tellLateFrom = 2 * follower.late + 1;
  let savedRevision = -1;
  let pending: readonly Written[] = [];
  const tell = teller(options.onNote);
  const snapshot = async (due: readonly Written[]) => {
    const begun = performance.now();
    const { revision } = follower;
    await outlet.sync();
    const saved = await options.saveRejects?.();
    await checkpoint!.save({
      key,
      follower: follower.save(),
      marks: source.marks(),
      due,
      outputBytes: outlet.sizeBytes,
      ...(saved ?? { rejectBytes: 0 }),
    });
    savedRevision = revision;
    const now = performance.now();
    saveAt = now + Math.max(SAVE_MS, (now - begun) / SAVE_SHARE);
  };
  follower.beforeSettling = async () => {
    if (checkpoint && savedRevision !== follower.revision)
      await untilSaved(() => snapshot([]), tell, signal);
  };
  for await (const { reports, rejects: rejected } of follower.steps()) {
    await rejects?.(rejected);
    if (follower.late >= tellLateFrom) {
      options.onNote(lateMessage(follower.late));
      tellLateFrom = 2 * follower.late;
    }
    const due: Written[] = [];
    for (const report of reports)
      due.push(await render(report, outlet.sizeBytes === 0 && due.length === 0));
    if (checkpoint && due.length > 0) {
      if (!(await untilSaved(() => snapshot(due), tell, signal))) {
        pending = due;
        break;
      }
    } else if (checkpoint && performance.now() >= saveAt && savedRevision !== follower.revision) {
      saveAt += SAVE_MS; // also where it fails
      await snapshot([]).catch(tell);
    }
    // Who comes after us writes what this one could not.
    if (!(await printAll(due, outlet, checkpoint))) return;
    await options.onStep?.();
  }
  if (checkpoint) await snapshot(pending);
  if (checkpoint || !signal.aborted) return;
  // Nobody will go on from here: what was counted must not be lost.
  for (const report of follower.unfinished)
    await outlet.write(await render(report, outlet.sizeBytes === 0));
}

/**
 * Writes what was due when a run was stopped, and is not known to have been written.
 *
 * @param cut - Whether the outlet was cut to its size before all of that: then none of it stands there.
 */
export async function publishRest<Written>(
  { due, printed }: Resumed<Written>,
  cut: boolean,
  outlet: Outlet<Written>,
  checkpoint: Checkpoint<Written>,
): Promise<void> {
  if (!cut) {
    await printAll(due.slice(printed), outlet, checkpoint);
    return;
  }
  for (const report of due) await outlet.write(report);
}

/** Writes reports and marks each. Returns false when nobody takes them any more. */
async function printAll<Written>(
  due: readonly Written[],
  outlet: Outlet<Written>,
  checkpoint: Checkpoint<Written> | undefined,
): Promise<boolean> {
  let marking = checkpoint !== undefined;
  for (const report of due) {
    await outlet.write(report);
    if (outlet.isClosed) return false;
    // Marks count from the first one on: where one is missing, none may follow it.
    if (marking) marking = await checkpoint!.mark();
  }
  return true;
}

/** Saves what must be saved before work goes on; waits where there is no room. Returns whether it was saved. */
async function untilSaved(
  save: () => Promise<void>,
  tell: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    if (!(await save().then(() => false, tell))) return true;
    await setTimeout(RETRY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Tells failures to save, each once in a row, and goes on. */
function teller(onNote: (message: string) => void): (error: unknown) => true {
  let last = '';
  return (error) => {
    if (!(error instanceof DaybookError)) throw error;
    if (error.message !== last) onNote(`${error.message}; trying again`);
    last = error.message;
    return true;
  };
}
