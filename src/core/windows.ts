import { DaybookError } from './errors.ts';
import { DAY, quote, SECOND } from './time.ts';

/** A half-open stretch of time, ms since the epoch. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What windows a user asked for. */
export interface WindowSpec {
  /** `10s` … `12h` (a divisor of a day), `1d`, `1w` or `1mo`; from the first record, any but months. */
  readonly every: string;
  /** Whether windows begin with the clock of the zone, or are counted from the first record. */
  readonly align: 'clock' | 'first';
  /** IANA zone, already checked. */
  readonly zone: string;
}

/**
 * Tumbling windows: every instant in ±2^53 ms lies in one, and one begins where another ends.
 *
 * With the clock, a window begins wherever the zone's clock shows a multiple of the interval since
 * midnight, or passes over one because it is put forward; weeks begin on Monday. So a day of 25 hours
 * has two windows at 02:00, one of 23 none. From the first record all windows have the same length.
 *
 * @throws DaybookError `USAGE` - There are no such windows.
 *
 * @example
 * new Windows({ every: '1h', align: 'clock', zone: 'Europe/Berlin' }).at(Date.now());
 */
export class Windows {
  /** The first record's time, from which windows are counted if so asked; to be set before use. */
  origin: number | undefined;
  readonly #stepMs: number;
  readonly #grid: Grid | undefined;
  #last: Window = { start: 0, end: 0 };

  constructor(spec: WindowSpec) {
    const { stepMs, unit } = parseInterval(spec);
    this.#stepMs = stepMs;
    if (spec.align === 'clock') this.#grid = gridOf(stepMs, unit, spec.zone);
  }

  /** The window that holds an instant. */
  at(time: number): Window {
    const { start, end } = this.#last;
    if (time < start || time >= end) this.#last = this.#counted().at(time);
    return this.#last;
  }

  /** How many windows lie between the starts of two. */
  between(from: number, to: number): number {
    return from < to ? this.#counted().between(from, to) : 0;
  }

  #counted(): Grid {
    if (this.#grid !== undefined) return this.#grid;
    if (this.origin === undefined) throw new TypeError('windows are counted from no origin yet');
    return new EvenGrid(this.#stepMs, this.origin);
  }
}

/** Lengths of units; of a month, where no calendar reaches. */
const UNIT_MS = { s: SECOND, m: 60 * SECOND, h: DAY / 24, d: DAY, w: 7 * DAY, mo: 30 * DAY };
const CALENDAR_UNITS = { d: 'days', w: 'weeks', mo: 'months' } as const;

type CalendarUnit = (typeof CALENDAR_UNITS)[keyof typeof CALENDAR_UNITS];

/** The length of windows, and the unit of the calendar they are, if they are one. */
function parseInterval({ every, align }: WindowSpec): { stepMs: number; unit?: CalendarUnit } {
  const [, digits, name] = /^([0-9]+)(s|m|h|d|w|mo)$/.exec(every) ?? [];
  const unit = name as keyof typeof UNIT_MS | undefined;
  const stepMs = unit === undefined ? 0 : Number(digits) * UNIT_MS[unit];
  if (align === 'first') {
    if (stepMs > 0 && Number.isSafeInteger(stepMs) && unit !== 'mo') return { stepMs };
    throw new DaybookError(
      'USAGE',
      `${quote(every)} is no interval from the first record on; write one such as 10s, 15m, 6h, 1d or 2w`,
    );
  }
  if (stepMs > 0 && stepMs < DAY && DAY % stepMs === 0) return { stepMs };
  if (unit !== undefined && unit in CALENDAR_UNITS && stepMs === UNIT_MS[unit]) {
    return { stepMs, unit: CALENDAR_UNITS[unit as keyof typeof CALENDAR_UNITS] };
  }
  throw new DaybookError(
    'USAGE',
    `${quote(every)} is no interval of the clock; write a divisor of a day, such as 10s, 15m or 6h, or 1d, 1w or 1mo`,
  );
}

/** How time is divided: what holds an instant, and how many windows lie, wholly or in part, in a range. */
interface Grid {
  at(time: number): Window;
  between(from: number, to: number): number;
}

function gridOf(stepMs: number, unit: CalendarUnit | undefined, zone: string): Grid {
  const monday = Date.UTC(1970, 0, 5);
  if (zone === 'UTC' && unit !== 'months') return new EvenGrid(stepMs, monday);
  const clock = new ZoneClock(zone);
  return new WholeGrid(
    unit === undefined ? new ClockGrid(stepMs, clock) : new CalendarGrid(unit, clock),
    stepMs,
  );
}

/** Windows of one length, counted from an origin in both directions. */
class EvenGrid implements Grid {
  readonly #stepMs: number;
  readonly #phase: number;

  constructor(stepMs: number, origin: number) {
    this.#stepMs = stepMs;
    this.#phase = modulo(origin, stepMs);
  }

  at(time: number): Window {
    // Not time − origin, which may be too large to be exact, as are starts below −2^53.
    const sinceMs = modulo(modulo(time, this.#stepMs) - this.#phase, this.#stepMs);
    return { start: Math.max(time - sinceMs, -(2 ** 53)), end: time + (this.#stepMs - sinceMs) };
  }

  between(from: number, to: number): number {
    // Not of to − 1, which is not exact where the last window ends, behind 2^53.
    const part = modulo(to, this.#stepMs) === this.#phase ? 0 : 1;
    return this.#index(to) - this.#index(from) + part;
  }

  #index(time: number): number {
    const index = Math.floor(time / this.#stepMs);
    return modulo(time, this.#stepMs) < this.#phase ? index - 1 : index;
  }
}

/** Up to here, and back to as long before 1970, dates are known, with a margin for windows around it. */
const FAR = 99_999_000 * DAY;

/** Every 400 years the calendar repeats, weekdays too, and with it what clocks do by rules for all years. */
const CYCLE_MS = 146_097 * DAY;
/** From then on, no zone has a rule for a single year. */
const SETTLED = Date.UTC(2100, 0, 1);

/** Windows of a calendar, and even ones where no calendar reaches. */
class WholeGrid implements Grid {
  readonly #near: Grid;
  readonly #past: Grid;
  readonly #future: Grid;

  constructor(near: Grid, stepMs: number) {
    this.#near = near;
    this.#past = new EvenGrid(stepMs, -FAR);
    this.#future = new EvenGrid(stepMs, FAR);
  }

  at(time: number): Window {
    if (time < -FAR) return this.#past.at(time);
    if (time >= FAR) return this.#future.at(time);
    const { start, end } = this.#near.at(time);
    return { start: Math.max(start, -FAR), end: Math.min(end, FAR) };
  }

  between(from: number, to: number): number {
    let count = 0;
    if (from < -FAR) count += this.#past.between(from, Math.min(to, -FAR));
    if (from < FAR && to > -FAR) {
      count += this.#betweenNear(Math.max(from, -FAR), Math.min(to, FAR));
    }
    if (to > FAR) count += this.#future.between(Math.max(from, FAR), to);
    return count;
  }

  #betweenNear(from: number, to: number): number {
    const first = this.#near.at(Math.max(from, SETTLED)).end;
    const cycles = Math.max(0, Math.floor((to - first) / CYCLE_MS));
    if (cycles === 0) return this.#near.between(from, to);
    return (
      this.#near.between(from, first) +
      this.#near.between(first, first + CYCLE_MS) * cycles +
      this.#near.between(first + CYCLE_MS * cycles, to)
    );
  }
}

/** Windows of part of a day, in a zone whose clocks may be put forward and back. */
class ClockGrid implements Grid {
  readonly #stepMs: number;
  readonly #clock: ZoneClock;

  constructor(stepMs: number, clock: ZoneClock) {
    this.#stepMs = stepMs;
    this.#clock = clock;
  }

  at(time: number): Window {
    return { start: this.#startOf(time), end: this.#endOf(time) };
  }

  between(from: number, to: number): number {
    let count = 1;
    for (let at = from; at < to; ) {
      const { to: change, offsetMs } = this.#clock.stretch(at);
      const next = Math.min(change, to);
      count += this.#index(next - 1 + offsetMs) - this.#index(at + offsetMs);
      if (next < to && this.#beginsAt(next)) count++;
      at = next;
    }
    return count;
  }

  #startOf(time: number): number {
    const { from, offsetMs } = this.#clock.stretch(time);
    const start = this.#index(time + offsetMs) * this.#stepMs - offsetMs;
    if (start >= from) return start;
    return this.#beginsAt(from) ? from : this.#startOf(from - 1);
  }

  #endOf(time: number): number {
    const { to, offsetMs } = this.#clock.stretch(time);
    const end = (this.#index(time + offsetMs) + 1) * this.#stepMs - offsetMs;
    if (end < to) return end;
    return this.#beginsAt(to) ? to : this.#endOf(to);
  }

  /** Whether the clock shows a multiple of the interval, or passed over one within the last millisecond. */
  #beginsAt(time: number): boolean {
    const [before, shown] = [this.#clock.shown(time - 1), this.#clock.shown(time)];
    if (shown < before) return modulo(shown, this.#stepMs) === 0;
    return this.#index(shown) > this.#index(before);
  }

  #index(shown: number): number {
    return Math.floor(shown / this.#stepMs);
  }
}

/** Windows of dates, each from the first instant of the first one. */
class CalendarGrid implements Grid {
  readonly #unit: CalendarUnit;
  readonly #clock: ZoneClock;

  constructor(unit: CalendarUnit, clock: ZoneClock) {
    this.#unit = unit;
    this.#clock = clock;
  }

  at(time: number): Window {
    const first = this.#firstOf(time);
    return { start: this.#clock.startOf(first), end: this.#clock.startOf(this.#after(first)) };
  }

  between(from: number, to: number): number {
    const [first, last] = [this.#firstOf(from), this.#firstOf(to - 1)];
    const count = first.until(last, { largestUnit: this.#unit })[this.#unit] + 1;
    return this.#unit === 'days' ? count - this.#clock.skippedDates(from, to) : count;
  }

  /** The first date of the window that holds an instant. */
  #firstOf(time: number): Temporal.PlainDate {
    let first = this.#floor(this.#clock.date(time));
    // Clocks put back over midnight show the day before, whose window has ended, once more.
    for (let next = this.#after(first); this.#clock.startOf(next) <= time; ) {
      [first, next] = [next, this.#after(next)];
    }
    return first;
  }

  #floor(date: Temporal.PlainDate): Temporal.PlainDate {
    if (this.#unit === 'weeks') return date.subtract({ days: date.dayOfWeek - 1 });
    return this.#unit === 'months' ? date.with({ day: 1 }) : date;
  }

  #after(first: Temporal.PlainDate): Temporal.PlainDate {
    return first.add({ [this.#unit]: 1 });
  }
}

/** A time through which a zone's clocks are not changed, and what they are ahead of UTC. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

/** The clock and the calendar of a zone, within Temporal's range. */
class ZoneClock {
  readonly #zone: string;
  #last: Stretch = { from: 0, to: 0, offsetMs: 0 };

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** The stretch that holds an instant. */
  stretch(time: number): Stretch {
    if (time < this.#last.from || time >= this.#last.to) {
      const here = this.#local(time);
      // What changes at this very instant is not previous to it.
      const change = this.#local(time + 1).getTimeZoneTransition('previous');
      this.#last = {
        from: change?.epochMilliseconds ?? -Infinity,
        to: here.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity,
        offsetMs: here.offsetNanoseconds / 1e6,
      };
    }
    return this.#last;
  }

  /** What the clock shows: its date and time of day, as ms. */
  shown(time: number): number {
    return time + this.stretch(time).offsetMs;
  }

  date(time: number): Temporal.PlainDate {
    return this.#local(time).toPlainDate();
  }

  /** The first instant of a date, or of the next if clocks skipped it. */
  startOf(date: Temporal.PlainDate): number {
    return date.toZonedDateTime(this.#zone).epochMilliseconds;
  }

  /** How many dates clocks skipped in a range, as in Samoa, which moved over the date line in 2011. */
  skippedDates(from: number, to: number): number {
    let count = 0;
    let change = this.stretch(from).to;
    while (change < to) {
      const [before, shown] = [this.shown(change - 1) + 1, this.shown(change)];
      count += Math.max(0, Math.floor(shown / DAY) - Math.ceil(before / DAY));
      change = this.stretch(change).to;
    }
    return count;
  }

  #local(time: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(time).toZonedDateTimeISO(this.#zone);
  }
}

/** The remainder towards the past, as of a clock: never negative. */
function modulo(number: number, by: number): number {
  const rest = number % by;
  return rest < 0 ? rest + by : rest;
}
