import type { Configuration } from '../config/configuration.ts';
import type { Log } from '../core/log.ts';
import { openHistory } from '../open/open-history.ts';
import { hasSchedules } from '../open/schedules-of.ts';
import { systemClock as clock } from '../pipeline/follow/system-clock.ts';
import type { ScheduleEvent } from '../pipeline/runs/scheduler.ts';
import { ServedReports } from '../server/served-reports.ts';
import { say } from './message.ts';
import { runLine } from './run-line.ts';
import { describeEvent } from './schedule-events.ts';
import { scheduledReports } from './scheduled-reports.ts';

/**
 * Opens what makes the reports of a configuration when they are due; undefined where none has a schedule.
 *
 * @param signal - Ends what waits for the history.
 * @throws DaybookError `STORE_UNUSABLE`
 */
export async function serveReports(
  configuration: Configuration,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<ServedReports | undefined> {
  if (!hasSchedules(configuration)) return undefined;
  const history = await openHistory(configuration, { signal });
  const reports = scheduledReports(configuration, { history, log });
  return new ServedReports(reports, history, { clock, log, onEvent: tellEvent });
}

function tellEvent(event: ScheduleEvent): void {
  say(event.outcome === 'made' ? runLine(event.run) : describeEvent(event));
}
