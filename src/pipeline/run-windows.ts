import type { Books } from '../core/books.ts';
import type { EventBatch } from '../core/event-batch.ts';
import { loadJob } from '../core/job.ts';
import type { LiveSource } from '../core/live-source.ts';
import type { RejectSink } from '../core/rejects.ts';
import type { Note, Row, Table } from '../core/table.ts';
import { Watermark } from '../core/watermark.ts';
import type { WindowedReport } from '../core/windowed-report.ts';
import { Follower } from './follow.ts';
import { WindowRun } from './window-run.ts';

/**
 * Makes a report of finished inputs window by window, as they are read.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `INTERRUPTED`, or what the sink throws, while rows are read.
 */
export async function windowTable(
  report: WindowedReport,
  source: LiveSource,
  options: { rejects?: RejectSink | undefined; signal?: AbortSignal | undefined },
): Promise<Table> {
  const { rejects, signal = new AbortController().signal } = options;
  const follower = new Follower(report, await loadJob(report.job), source, {
    idleMs: Number.POSITIVE_INFINITY,
    provisional: false,
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
      return lateNotes(follower.books);
    },
    get books() {
      return follower.books;
    },
  };
}

/** Says how many records came too late to be counted. */
export function lateNotes({ late }: Books): Note[] {
  const message = `${late} records came too late to be counted; --max-disorder says how late they may come`;
  return late > 0 ? [{ code: 'late', message, late }] : [];
}

/** The rows of windows, of events in order of time. */
export async function* windowRowsOf(
  report: WindowedReport,
  events: AsyncIterable<EventBatch> | Iterable<EventBatch>,
): AsyncGenerator<readonly Row[]> {
  const run = new WindowRun({ ...report, maxDisorderMs: 0 }, false);
  const watermark = new Watermark(0, Number.POSITIVE_INFINITY);
  for await (const batch of events) {
    run.take(batch, watermark, Number.POSITIVE_INFINITY);
    for (const { rows } of run.takeDue()) yield rows;
  }
  run.finish();
  for (const { rows } of run.takeDue()) yield rows;
}
