import type { Configuration } from '../config/configuration.ts';
import { cronSchedule } from '../config/schedule.ts';
import type { RunHistory } from '../core/run-history.ts';
import type { Schedule } from '../core/schedule.ts';
import { openHistory } from './open-history.ts';
import { type ConfiguredReport, openReport, type ReportWords } from './open-report.ts';

/** All reports of a configuration, and what became of them. */
export interface OpenedReports {
  /** When each is due, where it has a schedule. */
  readonly reports: ReadonlyMap<string, Schedule | undefined>;
  readonly history: RunHistory;
  /** Makes one of them ready. */
  open(report: string, words: ReportWords): Promise<ConfiguredReport>;
}

/**
 * Opens the run history of a configuration, and has its reports at hand.
 *
 * @throws DaybookError `STORE_UNUSABLE` or `USAGE`
 */
export async function openReports(configuration: Configuration): Promise<OpenedReports> {
  const reports = [...configuration.reports].map(
    ([name, { schedule, tz = 'UTC' }]) =>
      [name, schedule === undefined ? undefined : cronSchedule(schedule, tz)] as const,
  );
  return {
    reports: new Map(reports),
    history: await openHistory(configuration),
    open: (report, words) => openReport(configuration, report, words),
  };
}
