import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Books } from '../../core/books.ts';
import { loadJob } from '../../core/job.ts';
import type { LiveSource } from '../../core/live-source.ts';
import type { RejectSink } from '../../core/rejects.ts';
import type { EventStream } from '../../core/report.ts';
import type { Note, Row, Table } from '../../core/table.ts';
import { Watermark } from '../../core/watermark.ts';
import type { WindowedReport } from '../../core/windowed-report.ts';
import { unreadNotes } from '../read/unread-notes.ts';
import { Follower } from './follow.ts';
import { WindowRun } from './window-run.ts';

/**
 * Makes a report of finished inputs window by window, as they are read.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `SPILL_FAILED`, `INTERRUPTED`, or what the sink throws, while rows are
 *   read.
 */
export async function windowTable(
  report: WindowedReport,
  source: LiveSource,
  options: {
    rejects?: RejectSink | undefined;
    signal?: AbortSignal | undefined;
    /** Bytes of the inputs that are left out, since they are behind the range. */
    unread: number;
  },
): Promise<Table> {
  const { rejects, signal = new AbortController().signal, unread } = options;
  const follower = new Follower(report, await loadJob(report.job), source, {
    idleMs: Number.POSITIVE_INFINITY,
    provisional: false,
    readsAll: true,
    keepRejects: rejects !== undefined,
    onNote: () => {},
    signal,
  });
  async function* rows(): AsyncGenerator<readonly Row[]> {
    for await (const step of follower.steps()) {
      if (step.rejects.length > 0) await rejects?.(step.rejects);
      for (const { rows } of step.reports) yield rows;
    }
    signal.throwIfAborted();
  }
  return {
    ...report.head,
    rows: rows(),
    // Of what was read so far: of all, when the rows are through.
    get notes() {
      return [...lateNotes(follower.books), ...unreadNotes(unread)];
    },
    get books() {
      return unread > 0 ? { ...follower.books, unread } : follower.books;
    },
  };
}

/** Says how many records came too late to be counted. */
export function lateMessage(late: number): string {
  return `${late} records came too late to be counted; --max-disorder says how late they may come`;
}

/** The same as a note, where there are any. */
export function lateNotes({ late }: Books): Note[] {
  return late > 0 ? [{ code: 'late', message: lateMessage(late), late }] : [];
}

/** Windows of events in order of time: a run that counts them, while its rows are read. */
export function sortedWindows(
  report: WindowedReport,
  events: EventStream,
  signal?: AbortSignal,
): { run: WindowRun; rows: AsyncGenerator<readonly Row[]> } {
  const run = new WindowRun({ ...report, maxDisorderMs: 0 }, false);
  return { run, rows: windowRows(run, events, signal) };
}

async function* windowRows(
  run: WindowRun,
  events: EventStream,
  signal?: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  const watermark = new Watermark(0, Number.POSITIVE_INFINITY);
  for await (const batch of events) {
    run.take(batch, watermark, Number.POSITIVE_INFINITY);
    for (const { rows } of run.takeDue()) yield rows;
    await eventLoopTurn(); // Lets signals through: windows may be far more than events.
    signal?.throwIfAborted();
  }
  run.finish();
  for (const { rows } of run.takeDue()) yield rows;
}
