import { type CalendarUnit, parseInterval } from './interval.ts';
import { DAY, modulo } from './time.ts';
import { ZoneClock } from './zone-clock.ts';

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
  /** The first record's time, where it is known beforehand. */
  readonly origin?: number | undefined;
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
    this.origin = spec.origin;
    const { stepMs, unit } = parseInterval(spec.every, spec.align);
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
