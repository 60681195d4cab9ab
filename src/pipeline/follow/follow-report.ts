import { resolve } from 'node:path';
import type { Books } from '../../core/books.ts';
import type { Outlet } from '../../core/destination.ts';
import { DaybookError } from '../../core/errors.ts';
import type { RejectSink } from '../../core/rejects.ts';
import type { Report } from '../../core/report.ts';
import type { Table } from '../../core/table.ts';
import { publish, publishRest } from './publish.ts';
import { startFollowing } from './start-following.ts';
import type { WindowRows } from './window-run.ts';

/** How to follow the inputs of a report. */
export interface FollowReportOptions {
  /** Stops following when it is aborted. */
  readonly signal: AbortSignal;
  /**
   * Path of a file that remembers what was read and handed out. With the same report and path another call, of
   * this process or the next one, goes on where this one ended.
   */
  readonly checkpoint?: string | undefined;
  /** Whether windows are handed out when their end has passed, besides when they are final: so unless false. */
  readonly provisional?: boolean | undefined;
  /** Takes every reject, in the order in which they are read. */
  readonly rejects?: RejectSink | undefined;
  /** Tells a person what went wrong while following goes on: an input was truncated, cannot be read, is gone. */
  readonly onNote?: ((message: string) => void) | undefined;
}

/**
 * Follows inputs that may grow, and hands out the report of each window as it falls due: as `provisional` when its
 * end has passed, as `final` when no record can come any more that belongs to it. Many windows in which nothing
 * happened come as one, `gap of 8760`.
 *
 * It ends when the signal is aborted, or when inputs are over that can end, such as pipes. On a signal, windows that
 * are not final are handed out as provisional, unless there is a checkpoint: then they are left to who goes on.
 *
 * With a checkpoint no final window is left out, however the process ended. One is handed out again only where it
 * ended before what `use` had returned for it settled. Rejects may come again.
 *
 * @param report - One that was opened with `follow` and `every`.
 * @param use - Gets a window, times in ms since the epoch, and the same as a table for a writer, with the books so
 * far. The next one waits until the promise that it returns settles.
 * @returns The books of all that was read, also by those before. They balance.
 * @throws DaybookError `USAGE`, `SOURCE_UNREADABLE`, `CHECKPOINT_UNUSABLE`, or what `use` or the sink throws.
 *
 * @example
 * const report = await openTop({ files: ['/var/log/connections.log'], follow: true, every: '1h' });
 * await followReport(report, { signal, checkpoint: 'top.state' }, async ({ window, state, rows }) => {
 *   if (state !== 'provisional') await save(new Date(window.start), rows);
 * });
 */
export async function followReport<Result>(
  report: Report<Result>,
  options: FollowReportOptions,
  use: (window: WindowRows, table: Table) => Promise<void>,
): Promise<Books> {
  const { windowed, live } = report;
  if (windowed === undefined || live === undefined)
    throw new DaybookError('USAGE', 'only what was opened with `follow` can be followed');
  const { signal, checkpoint: path, rejects, provisional = true, onNote = () => {} } = options;
  const { head } = windowed;
  const key = JSON.stringify({
    report: head.report,
    parameters: head.parameters,
    provisional,
    // The same words name other files in another folder.
    paths: live.words.map((word) => resolve(word)),
  });
  await using following = await startFollowing<WindowRows>(windowed, live, {
    ...{ checkpoint: path, key, provisional, onNote, signal },
    keepRejects: rejects !== undefined,
  });
  const { follower, source, checkpoint, resumed } = following;
  const outlet: Outlet<WindowRows> = {
    sizeBytes: 0,
    isClosed: false,
    write: (window) =>
      use(window, { ...head, rows: [window.rows], notes: [], books: follower.books }),
    sync: async () => {},
    close: async () => {},
  };
  if (resumed) await publishRest(resumed, false, outlet, checkpoint!);
  const render = async (window: WindowRows) => window;
  await publish({ follower, source, outlet, render, rejects, checkpoint, key, signal, onNote });
  return follower.books;
}
