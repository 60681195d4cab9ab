import { failureFields, type Log } from '../../core/log.ts';
import type { ScheduleEvent } from './scheduler.ts';

/** Notes in a log what became of a report that was due; who made it has noted that one which was made. */
export function noteEvent(log: Log, event: ScheduleEvent): void {
  const { report, outcome } = event;
  if (outcome === 'busy') log.info('busy', { report });
  if (outcome === 'missed') log.warn('missed', { report, reason: [event.message] });
  if (outcome !== 'failed') return;
  const { error, retryMs } = event;
  const failure = { report, ...failureFields(error) };
  if (retryMs === undefined) log.error('failed', failure);
  else log.warn('retry', { ...failure, retryMs });
}
