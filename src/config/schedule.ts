import { Cron } from 'croner';
import type { Schedule } from '../core/schedule.ts';

/** A schedule as cron has it, by the clock of a zone: what clocks skip is due behind that, what they repeat once. */
export function cronSchedule(pattern: string, zone: string): Schedule {
  const cron = new Cron(pattern, { timezone: zone, mode: '5-part', paused: true });
  return {
    next: (after) => cron.nextRun(new Date(after))?.getTime(),
    latest: (until) => cron.previousRuns(1, new Date(until + 1))[0]?.getTime(),
  };
}

/** Whether something is due at all by a schedule. */
export function isSchedule(pattern: string): boolean {
  try {
    return /^\S+( +\S+){4}$/.test(pattern) && cronSchedule(pattern, 'UTC').next(0) !== undefined;
  } catch {
    return false;
  }
}
