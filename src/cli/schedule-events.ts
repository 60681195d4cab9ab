import { SECOND } from '../core/time.ts';
import type { ScheduleEvent } from '../pipeline/runs/scheduler.ts';

/** What became of a report that was due and not made, on a line. */
export function describeEvent(event: Exclude<ScheduleEvent, { readonly outcome: 'made' }>): string {
  const { report } = event;
  if (event.outcome === 'busy') return `${report}: another process is making it`;
  if (event.outcome === 'missed') return `${report}: ${event.message}`;
  const { error, retryMs } = event;
  const reason = error instanceof Error ? error.message : String(error);
  const again = retryMs === undefined ? '' : `; trying again in ${retryMs / SECOND} s`;
  return `${report}: ${reason}${again}`;
}
