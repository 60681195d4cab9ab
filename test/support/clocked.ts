import { formatInstant } from '../../src/core/time.ts';
import { Windows } from '../../src/core/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Windows of the clock of a zone. */
export function clocked(every: string, zone: string): Windows {
  return new Windows({ every, align: 'clock', zone });
}

/** The labels of the start and the end of the window that holds an instant. */
export function windowAt(every: string, zone: string, at: string): string[] {
  const { start, end } = clocked(every, zone).at(Date.parse(at));
  return [rfc(start, zone), rfc(end, zone)];
}

/** How long an interval of the clock is, in ms. */
export function stepOf(every: string): number {
  return (
    Number.parseInt(every, 10) * { s: 1000, m: MINUTE, h: HOUR }[every.at(-1) as 's' | 'm' | 'h']
  );
}

/** What is read of an instant in a zone. */
export function rfc(at: number, zone: string): string {
  return formatInstant(at, zone);
}
