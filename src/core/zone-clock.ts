import { DAY } from './time.ts';

/** A time through which a zone's clocks are not changed, and what they are ahead of UTC. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

/** The clock and the calendar of a zone, within Temporal's range. */
export class ZoneClock {
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
