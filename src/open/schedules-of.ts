import type { Configuration } from '../config/configuration.ts';
import { cronSchedule } from '../config/schedule.ts';
import { DaybookError } from '../core/errors.ts';
import type { Schedule } from '../core/schedule.ts';
import { dateAt, reportNamed } from './open-report.ts';

/** When a report is to be made. */
export interface ConfiguredSchedule {
  readonly name: string;
  readonly schedule: Schedule;
  readonly catchUp: 'latest' | 'none';
  readonly retries: number;
  /** The date of an instant, for which the report that is due then is asked. */
  asOf(due: number): string;
}

/** Whether any report has a schedule. */
export function hasSchedules({ reports }: Pick<Configuration, 'reports'>): boolean {
  return reports.values().some(({ schedule }) => schedule !== undefined);
}

/**
 * The schedules of all reports that have one, or of one report.
 *
 * @throws DaybookError `USAGE` - There is none.
 */
export function schedulesOf(
  configuration: Pick<Configuration, 'reports'>,
  name?: string,
): readonly ConfiguredSchedule[] {
  const only = name === undefined ? undefined : reportNamed(configuration, name);
  const schedules: ConfiguredSchedule[] = [];
  for (const [report, settings] of configuration.reports) {
    const { schedule, tz = 'UTC', catch_up: catchUp, retries } = settings;
    if (schedule === undefined || (only !== undefined && report !== only)) continue;
    schedules.push({
      ...{ name: report, schedule: cronSchedule(schedule, tz), catchUp, retries },
      asOf: (due) => dateAt(due, settings),
    });
  }
  if (schedules.length > 0) return schedules;
  throw new DaybookError('USAGE', `${only ?? 'no report'} has ${only ? 'no' : 'a'} schedule`);
}
