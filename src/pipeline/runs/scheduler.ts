import { DaybookError, throwIfInterrupted } from '../../core/errors.ts';
import { isOver, type Run, type RunHistory } from '../../core/run-history.ts';
import type { Clock, Schedule } from '../../core/schedule.ts';
import { HOUR, MINUTE, SECOND } from '../../core/time.ts';
import { SCHEDULED_LOOKED_AT } from './make-report.ts';
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
   * @returns undefined where another process makes it, or has made it.
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
/** How long to leave it to another process before a look at what became of it. */
const BUSY_MS = MINUTE;

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
   * Makes what is due now, each report for itself. What another process makes is left to it.
   *
   * @returns The names of the reports that failed.
   * @throws DaybookError `INTERRUPTED`
   */
  async runDue(signal?: AbortSignal): Promise<readonly string[]> {
    const makings = this.#reports.map(async (report) => {
      const outcome = await this.#runDue(report, signal);
      if (outcome === 'busy') this.#tell({ report: report.name, outcome });
      return outcome === 'failed' || outcome === 'unknown' ? [report.name] : [];
    });
    // Also when interrupted, all enter how they ended before the history is closed.
    await Promise.allSettled(makings);
    return (await Promise.all(makings)).flat();
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
        await this.#runDueAlone(report, signal);
        const next = report.schedule.next(now); // may have come while it was made
        if (next === undefined) return;
        for (let left = next - clock.now(); left > 0; left = next - clock.now())
          await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /**
   * Makes one report if it is due. While another process makes it, waits: that may come to nothing; and while it is not
   * known, asks again, ever less often.
   */
  async #runDueAlone(report: ScheduledReport, signal: AbortSignal): Promise<void> {
    let wasBusy = false;
    for (let unknown = 0; ; ) {
      const retryMs = retryMsOf(unknown);
      const outcome = await this.#runDue(report, signal, retryMs);
      if (outcome === 'over' || outcome === 'failed') return;
      if (outcome === 'unknown') unknown++;
      else if (!wasBusy) this.#tell({ report: report.name, outcome });
      wasBusy ||= outcome === 'busy';
      await this.#clock.sleep(outcome === 'busy' ? BUSY_MS : retryMs, signal);
    }
  }

  /**
   * Makes one report if it is due.
   *
   * @param retryMs - When to ask again where that is not known, if anybody does.
   */
  async #runDue(
    report: ScheduledReport,
    signal: AbortSignal | undefined,
    retryMs?: number,
  ): Promise<Outcome> {
    try {
      const due = await this.#dueOf(report);
      return due === undefined ? 'over' : await this.#make(report, due, signal);
    } catch (error) {
      throwIfInterrupted(signal);
      this.#tell({ report: report.name, outcome: 'failed', error, retryMs }); // such as a history that cannot be read
      return 'unknown';
    }
  }

  /** For which instant to make a report now, and how often that was tried. */
  async #dueOf(report: ScheduledReport): Promise<Due | undefined> {
    const { name, schedule, catchUp, retries } = report;
    const now = this.#clock.now();
    const instant = schedule.latest(now);
    if (instant === undefined) return undefined;
    const { tries, last } = await this.#triesOf(name, instant);
    if (tries.some(isOver) || tries.length > retries) return undefined;
    const isMissed = catchUp === 'none' && tries.length === 0 && now - instant > ON_TIME_MS;
    // Of a report that never ran on schedule nothing was missed. Who runs it now has seen to that.
    if (last > 0 && tries.length === 0)
      await this.#history.alone(name, () => this.#enterMissed(report, instant, isMissed));
    return isMissed ? undefined : { instant, tries: tries.length };
  }

  /** Enters what was missed before an instant, and this one, too, if it is; to be done by who is alone. */
  async #enterMissed(report: ScheduledReport, instant: number, isMissed: boolean): Promise<void> {
    const { name, schedule } = report;
    const { tries, last } = await this.#triesOf(name, instant);
    if (tries.length > 0) return;
    const missed = { schedule, after: last, until: isMissed ? instant : instant - 1 };
    const places = { history: this.#history, now: this.#clock.now() };
    const message = await enterMissed(report, missed, places);
    if (message !== undefined) this.#tell({ report: name, outcome: 'missed', message });
  }

  /** The runs of an instant, and for which one before it there was a run. */
  async #triesOf(report: string, instant: number) {
    const which = { report, scheduled: true, limit: SCHEDULED_LOOKED_AT };
    const runs = await this.#history.list(which);
    const tries = runs.filter(({ due }) => due === instant);
    const last = Math.max(...runs.map(({ due }) => due ?? 0).filter((due) => due < instant));
    return { tries, last };
  }

  /** Makes a report, again and again while that may help. */
  async #make(
    report: ScheduledReport,
    { instant, tries }: Due,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const { name, retries } = report;
    const asOf = report.asOf(instant);
    for (let attempt = tries; ; attempt++) {
      try {
        const run = await report.make({ asOf, due: instant, signal });
        if (run === undefined) return (await this.#dueOf(report)) ? 'busy' : 'over';
        this.#tell({ report: name, outcome: 'made', run });
        return 'over';
      } catch (error) {
        throwIfInterrupted(signal);
        const isTransient = error instanceof DaybookError && error.isTransient;
        const retryMs = isTransient && attempt < retries ? retryMsOf(attempt) : undefined;
        this.#tell({ report: name, outcome: 'failed', error, retryMs });
        if (retryMs === undefined) return 'failed';
        await this.#clock.sleep(retryMs, signal);
        // By now another process may have made it, or a later one be due, which is made instead.
        const due = await this.#dueOf(report);
        if (due === undefined) return 'over';
        if (due.instant !== instant) return 'failed';
      }
    }
  }
}

/** How long to wait behind a failure, of which there were so many before. */
function retryMsOf(failures: number): number {
  return Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
}

/**
 * What became of what was due: nobody needs to make it any more, another process makes it, it failed, or whether it is
 * due cannot be known.
 */
type Outcome = 'over' | 'busy' | 'failed' | 'unknown';

interface Due {
  readonly instant: number;
  /** How often it was tried before. */
  readonly tries: number;
}
