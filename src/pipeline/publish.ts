import type { Outlet } from '../core/destination.ts';
import { DaybookError } from '../core/errors.ts';
import type { LiveSource } from '../core/live-source.ts';
import type { RejectSink } from '../core/rejects.ts';
import type { Checkpoint, Resumed } from './checkpoint.ts';
import type { Follower } from './follow.ts';
import type { WindowRows } from './window-run.ts';

/** How often what was read is saved while nothing is reported, ms; less often where saving takes long. */
const SAVE_MS = 1000;
/** Share of the time that may go into that. */
const SAVE_SHARE = 0.05;
/** How long to wait before saving is tried again, where it must be. */
const RETRY_MS = 1000;

/** Whom to publish, where, and what to remember. */
export interface PublishOptions {
  readonly follower: Follower;
  readonly source: LiveSource;
  readonly outlet: Outlet;
  /** A window's report as text; the first one may have a header. */
  readonly render: (report: WindowRows, first: boolean) => Promise<string>;
  readonly rejects?: RejectSink | undefined;
  /** Where the sink writes to, if it does. */
  readonly rejectOutlet?: Outlet | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  /** What is reported, of what. */
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onNote: (message: string) => void;
  /** Called after each step. */
  readonly onStep?: (() => Promise<void>) | undefined;
}

/**
 * Publishes windows as they are due, until the source is finished or a signal stops it.
 *
 * With a checkpoint a report is saved before it is written, together with all that was read for it, and marked
 * behind: who goes on from there after a stop at any instant writes each report to a file once.
 *
 * @throws DaybookError `DESTINATION_UNWRITABLE` or `SOURCE_UNREADABLE`
 */
export async function publish(options: PublishOptions): Promise<void> {
  const { follower, source, outlet, render, rejects, checkpoint, key, signal } = options;
  let saveAt = performance.now() + SAVE_MS;
  const snapshot = async (due: readonly string[]) => {
    const begun = performance.now();
    await outlet.sync();
    await options.rejectOutlet?.sync();
    await checkpoint!.save({
      key,
      follower: follower.save(),
      marks: source.marks(),
      due,
      outputBytes: outlet.sizeBytes,
      rejectBytes: options.rejectOutlet?.sizeBytes ?? 0,
    });
    const now = performance.now();
    saveAt = now + Math.max(SAVE_MS, (now - begun) / SAVE_SHARE);
  };
  for await (const { reports, rejects: rejected } of follower.steps()) {
    if (rejected.length > 0) await rejects?.(rejected);
    const due: string[] = [];
    for (const report of reports)
      due.push(await render(report, outlet.sizeBytes === 0 && due.length === 0));
    if (checkpoint && due.length > 0) {
      if (!(await untilSaved(() => snapshot(due), options))) return;
    } else if (checkpoint && performance.now() >= saveAt) {
      saveAt += SAVE_MS; // also where it fails
      await snapshot([]).catch(told(options));
    }
    await printAll(due, outlet, checkpoint);
    await options.onStep?.();
  }
  if (checkpoint) await snapshot([]);
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
export async function publishRest(
  { due, printed }: Resumed,
  cut: boolean,
  outlet: Outlet,
  checkpoint: Checkpoint,
): Promise<void> {
  if (!cut) return printAll(due.slice(printed), outlet, checkpoint);
  for (const text of due) await outlet.write(text);
}

async function printAll(
  due: readonly string[],
  outlet: Outlet,
  checkpoint: Checkpoint | undefined,
): Promise<void> {
  let marking = checkpoint !== undefined;
  for (const text of due) {
    await outlet.write(text);
    // Marks count from the first one on: where one is missing, none may follow it.
    if (marking) marking = await checkpoint!.mark();
  }
}

/** Saves what must be saved before work goes on; waits where there is no room. Returns whether it was saved. */
async function untilSaved(save: () => Promise<void>, options: PublishOptions): Promise<boolean> {
  const tell = told(options);
  while (!options.signal.aborted) {
    const failed = await save().then(() => false, tell);
    if (!failed) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RETRY_MS);
    options.signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }
  return false;
}

/** Tells a failure to save, once in a row, and goes on. */
function told({ onNote }: PublishOptions): (error: unknown) => true {
  return (error) => {
    if (!(error instanceof DaybookError)) throw error;
    onNote(`${error.message}; trying again`);
    return true;
  };
}
