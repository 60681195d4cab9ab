import type { Log } from '../core/log.ts';
import type { RunHistory } from '../core/run-history.ts';
import type { Clock } from '../core/schedule.ts';
import { SECOND } from '../core/time.ts';
import { noteEvent } from '../pipeline/runs/note-event.ts';
import { type ScheduledReport, type ScheduleEvent, Scheduler } from '../pipeline/runs/scheduler.ts';
import { ReportMetrics } from './report-metrics.ts';

/** How long runs that were told to stop may wait for a history to enter that; else the next run sets it right. */
const STOP_MS = 30 * SECOND;

/** How a service makes its reports. */
export interface ServedReportsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells a person what became of a report. */
  readonly onEvent: (event: ScheduleEvent) => void;
}

/** Makes reports when they are due, for as long as the service runs: what becomes of them is told, noted and counted. */
export class ServedReports implements AsyncDisposable {
  readonly metrics: ReportMetrics;
  readonly #scheduler: Scheduler;
  readonly #history: RunHistory;

  constructor(
    reports: readonly ScheduledReport[],
    history: RunHistory,
    { clock, log, onEvent }: ServedReportsOptions,
  ) {
    const metrics = new ReportMetrics(
      reports.map(({ name }) => name),
      history,
    );
    const tell = (event: ScheduleEvent) => {
      noteEvent(log, event);
      metrics.count(event);
      onEvent(event);
    };
    this.metrics = metrics;
    this.#history = history;
    this.#scheduler = new Scheduler(reports, history, { clock, tell });
  }

  /** Makes what falls due until the signal comes, which ends also a run under way; then the history is closed. */
  async run(signal: AbortSignal): Promise<void> {
    const close = () => this[Symbol.asyncDispose]();
    let late: NodeJS.Timeout | undefined;
    const stopped = new Promise<void>((resolve) => {
      const stop = () => {
        late = setTimeout(close, STOP_MS);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
    try {
      await this.#scheduler.run(signal);
      await stopped; // A schedule may have no instant left: the service goes on.
    } finally {
      clearTimeout(late);
      await close();
    }
  }

  /** Closes the history, also where there was nothing to make. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#history.close().catch(() => {}); // It may be closed.
  }
}
