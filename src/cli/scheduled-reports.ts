import type { Configuration } from '../config/configuration.ts';
import type { Log } from '../core/log.ts';
import type { RunHistory } from '../core/run-history.ts';
import { openReport } from '../open/open-report.ts';
import { schedulesOf } from '../open/schedules-of.ts';
import { makeReport } from '../pipeline/runs/make-report.ts';
import type { ScheduledReport } from '../pipeline/runs/scheduler.ts';

/**
 * The reports of a configuration that have a schedule, or one of them, ready to be made when they are due.
 *
 * @throws DaybookError `USAGE` - There is none.
 */
export function scheduledReports(
  configuration: Configuration,
  { history, log }: { readonly history: RunHistory; readonly log: Log },
  name?: string,
): readonly ScheduledReport[] {
  return schedulesOf(configuration, name).map((scheduled) => ({
    ...scheduled,
    async make({ asOf, due, signal }) {
      const asked = await openReport(configuration, scheduled.name, { asOf });
      const { archive } = asked;
      if (archive === undefined) throw new Error('the check of schedules let one through');
      try {
        return await makeReport({ ...asked, due }, { history, archive }, { signal, log });
      } finally {
        await archive.close();
      }
    },
  }));
}
