import { DaybookError, throwIfInterrupted } from '../core/errors.ts';
import type { Run, RunHistory } from '../core/run-history.ts';
import type { Clock, Schedule } from '../core/schedule.ts';
import { HOUR, MINUTE, SECOND } from '../core/time.ts';
import { enterMissed } from './missed-runs.ts';

/** Whose schedule says when to make it. */
export interface ScheduledReport {
  readonly name: string;
  readonly schedule: Schedule;
  /** What becomes of what was due while nothing ran: the latest is made, or none. */
  readonly catchUp: 'latest' | 'none';
  /** How often to try again. */
  readonly retries: number;
  /** The date of an instant, for which the report that is due then is asked. */
  asOf(due: number): string;
  /**
   * Makes the report, and enters the run.
   *
   * @returns undefined where another process makes it.
   */
  make(request: {
    readonly asOf: string;
    readonly due: number;
    readonly signal: AbortSignal | undefined;
  }): Promise<Run | undefined>;
}

/** What became of a report that was due. */
export type ScheduleEvent = { readonly report: string } & (
  | { readonly outcome: 'made'; readonly run: Run }
  | { readonly outcome: 'busy' }
  | { readonly outcome: 'missed'; readonly message: string }
  | {
      readonly outcome: 'failed';
      readonly error: unknown;
      /** When it is tried again, if it is. */
      readonly retryMs?: number | undefined;
    }
);

/** What was due longer ago was missed. */
const ON_TIME_MS = HOUR;
const FIRST_RETRY_MS = 30 * SECOND;
const LAST_RETRY_MS = 30 * MINUTE;
/** Clocks are put right, and machines sleep: so nobody sleeps longer without a look at the clock. */
const LONGEST_SLEEP_MS = MINUTE;
/** How many runs on schedule are looked at; no report is tried so often for one instant. */
const LOOKED_AT = 200;

/**
 * Makes reports when they are due, each one at a time.
 *
 * What was due and when is known from the history, so it does not matter which process ran when: what was missed is
 * caught up once, or entered as missed; attempts that failed, or were cut off, count for whoever tries again.
 */
export class Scheduler {
  readonly #reports: readonly ScheduledReport[];
  readonly #history: RunHistory;
  readonly #clock: Clock;
  readonly #tell: (event: ScheduleEvent) => void;

  constructor(
    reports: readonly ScheduledReport[],
    history: RunHistory,
    { clock, tell }: { readonly clock: Clock; readonly tell: (event: ScheduleEvent) => void },
  ) {
    this.#reports = reports;
    this.#history = history;
    this.#clock = clock;
    this.#tell = tell;
  }

  /**
   * Makes what is due now, one report after the other.
   *
   * @returns The names of the reports that failed.
   * @throws DaybookError `INTERRUPTED`
   */
  async runDue(signal?: AbortSignal): Promise<readonly string[]> {
    const failed: string[] = [];
    for (const report of this.#reports)
      if (!(await this.#runDue(report, signal))) failed.push(report.name);
    return failed;
  }

  /** Makes what falls due, each report for itself, until the signal comes. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reports.map((report) => this.#follow(report, signal)));
  }

  async #follow(report: ScheduledReport, signal: AbortSignal): Promise<void> {
    const clock = this.#clock;
    try {
      for (;;) {
        const now = clock.now();
        await this.#runDue(report, signal);
        const next = report.schedule.next(now); // may have come while it was made
        if (next === undefined) return;
        for (let left = next - clock.now(); left > 0; left = next - clock.now())
          await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Makes one report if it is due. Tells whether it did not fail. */
  async #runDue(report: ScheduledReport, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const due = await this.#dueOf(report);
      return due === undefined || (await this.#make(report, due, signal));
    } catch (error) {
      throwIfInterrupted(signal);
      this.#tell({ report: report.name, outcome: 'failed', error }); // such as a history that cannot be read
      return false;
    }
  }

  /** For which instant to make a report now, and how often that was tried. */
  async #dueOf(report: ScheduledReport): Promise<Due | undefined> {
    const { name, schedule, catchUp, retries } = report;
    const now = this.#clock.now();
    const instant = schedule.latest(now);
    if (instant === undefined) return undefined;
    const runs = await this.#history.list({ report: name, scheduled: true, limit: LOOKED_AT });
    const tries = runs.filter(({ due }) => due === instant);
    const isOver = tries.some(({ state }) => state !== 'failed' && state !== 'running');
    if (isOver || tries.length > retries) return undefined;
    const last = Math.max(...runs.map(({ due }) => due ?? 0).filter((due) => due < instant));
    const isMissed = catchUp === 'none' && tries.length === 0 && now - instant > ON_TIME_MS;
    // Of a report that never ran on schedule nothing was missed.
    if (last > 0 && tries.length === 0) {
      const missed = { schedule, after: last, until: isMissed ? instant : instant - 1 };
      const message = await enterMissed(report, missed, { history: this.#history, now });
      if (message !== undefined) this.#tell({ report: name, outcome: 'missed', message });
    }
    return isMissed ? undefined : { instant, tries: tries.length };
  }

  /** Makes a report, again and again while that may help. */
  async #make(
    report: ScheduledReport,
    { instant, tries }: Due,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { name, schedule, retries } = report;
    const asOf = report.asOf(instant);
    for (let attempt = tries; ; attempt++) {
      try {
        const run = await report.make({ asOf, due: instant, signal });
        this.#tell(
          run ? { report: name, outcome: 'made', run } : { report: name, outcome: 'busy' },
        );
        return true;
      } catch (error) {
        throwIfInterrupted(signal);
        const isTransient = error instanceof DaybookError && error.isTransient;
        const retryMs =
          isTransient && attempt < retries
            ? Math.min(FIRST_RETRY_MS * 2 ** attempt, LAST_RETRY_MS)
            : undefined;
        this.#tell({ report: name, outcome: 'failed', error, retryMs });
        if (retryMs === undefined) return false;
        await this.#clock.sleep(retryMs, signal);
        // By now a later one may be due, which is made instead.
        if (schedule.latest(this.#clock.now()) !== instant) return false;
      }
    }
  }
}

interface Due {
  readonly instant: number;
  /** How often it was tried before. */
  readonly tries: number;
}
