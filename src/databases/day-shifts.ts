import { DAY } from '../core/time.ts';
import { ZoneClock } from '../core/zone-clock.ts';

/** Times before `before`, and not before that of the shift in front, are put by so much to show the clock of a zone. */
interface DayShift {
  readonly before: number;
  readonly shiftMs: number;
}

/** The times to look at for some dates of a zone, and how to find the date of each. */
export interface DayShifts {
  /** Half-open; holds all times of these dates, and some of the dates around. */
  readonly from: number;
  readonly to: number;
  /** In order; the last ends with the range. */
  readonly shifts: readonly DayShift[];
}

/** As far as a zone's clock may be from that of another. */
const MARGIN = 2 * DAY;

/**
 * The rules of one or two zones for a few dates, in a form that a database can follow without tables of zones.
 *
 * @param zone - Whose dates are meant.
 * @param timeZone - Whose clock the times show, as ms since 1970 began on it; UTC is that of instants. Times that clocks
 * skipped are that much after the change, times that were there twice are the earlier.
 */
export function dayShifts(
  { first, last }: { readonly first: string; readonly last: string },
  zone: string,
  timeZone: string,
): DayShifts {
  const midnight = (date: string) => Date.parse(`${date}T00:00:00Z`);
  const from = midnight(first) - MARGIN;
  const to = midnight(last) + DAY + MARGIN;
  // On a clock of the same zone, the date is what it shows.
  if (zone === timeZone) return { from, to, shifts: [{ before: to, shiftMs: 0 }] };
  const shifts: DayShift[] = [];
  const [own, other] = [new ZoneClock(timeZone), new ZoneClock(zone)];
  for (let at = from; at < to; ) {
    const { before, offsetMs } = shownStretch(own, at);
    const end = Math.min(before, to);
    while (at < end) {
      const stretch = other.stretch(at - offsetMs);
      const until = Math.min(end, stretch.to + offsetMs);
      shifts.push({ before: until, shiftMs: stretch.offsetMs - offsetMs });
      at = until;
    }
  }
  return { from, to, shifts };
}

/** Until when what a clock shows is read with the same offset. */
function shownStretch(clock: ZoneClock, shown: number): { before: number; offsetMs: number } {
  // No clock is a day or more from UTC: so this is not behind the stretch that is looked for.
  let stretch = clock.stretch(shown - DAY);
  for (;;) {
    const next = Number.isFinite(stretch.to) ? clock.stretch(stretch.to) : stretch;
    const before = stretch.to + Math.max(stretch.offsetMs, next.offsetMs);
    if (shown < before) return { before, offsetMs: stretch.offsetMs };
    stretch = next;
  }
}
