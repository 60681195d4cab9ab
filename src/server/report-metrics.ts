import { setTimeout as delay } from 'node:timers/promises';
import { Counter, Gauge, Registry } from 'prom-client';
import type { RunHistory, RunState } from '../core/run-history.ts';
import { SECOND } from '../core/time.ts';
import type { ScheduleEvent } from '../pipeline/runs/scheduler.ts';

const COUNTED = ['done', 'unchanged', 'failed', 'missed'] as const satisfies readonly RunState[];
const SUCCESSFUL = ['done', 'unchanged'] as const satisfies readonly RunState[];

/** Longer than this nobody who asks for metrics waits for the history; then they are told what was known before. */
const LOOK_MS = SECOND;

/** What became of reports that were due, for Prometheus. */
export class ReportMetrics {
  readonly registry: Registry = new Registry();
  readonly #reports: readonly string[];
  readonly #history: RunHistory;
  readonly #runs: Counter;
  readonly #successes: Gauge;
  #looking: Promise<void> | undefined;

  /** @param reports - Names of those that have a schedule. */
  constructor(reports: readonly string[], history: RunHistory) {
    const registers = [this.registry];
    this.#reports = reports;
    this.#history = history;
    this.#runs = new Counter({
      name: 'daybook_report_runs_total',
      help: 'Runs on schedule since the service began, by how they ended; each attempt that fails is one.',
      labelNames: ['report', 'state'],
      registers,
    });
    this.#successes = new Gauge({
      name: 'daybook_report_last_success_timestamp_seconds',
      help: 'When a run of the report ended well for the last time, whoever made it.',
      labelNames: ['report'],
      registers,
      collect: () => Promise.race([this.#look(), delay(LOOK_MS, undefined, { ref: false })]),
    });
    for (const report of reports) for (const state of COUNTED) this.#runs.inc({ report, state }, 0);
  }

  /** Counts what became of a report. */
  count(event: ScheduleEvent): void {
    const { report, outcome } = event;
    if (outcome === 'busy') return;
    this.#runs.inc({ report, state: outcome === 'made' ? event.run.state : outcome });
  }

  /** Looks into the history, which knows also what others made; once at a time. */
  #look(): Promise<void> {
    this.#looking ??= Promise.all(this.#reports.map((report) => this.#lookAt(report)))
      .then(
        () => {},
        () => {}, // That it cannot be read is told by who makes the reports.
      )
      .finally(() => {
        this.#looking = undefined;
      });
    return this.#looking;
  }

  async #lookAt(report: string): Promise<void> {
    const found = await Promise.all(
      SUCCESSFUL.map((state) => this.#history.list({ report, state, limit: 1 })),
    );
    const ends = found.flat().map(({ finished = 0 }) => finished);
    if (ends.length > 0) this.#successes.set({ report }, Math.max(...ends) / SECOND);
  }
}
