import { clockOfDay, DAY, SECOND } from '../core/time.ts';

/** Whose clock a session log shows, and from which day on. */
export interface SessionClockOptions {
  /** The day of the first record, `YYYY-MM-DD`. */
  readonly date: string;
  /** IANA name of its zone. */
  readonly zone: string;
  /** Whether a drop of more than 12 hours from one record to the next is a new day. */
  readonly spansMidnight: boolean;
  /** How far behind midnight a late record of the day before may come. */
  readonly maxDisorderMs: number;
}

const HALF_DAY = DAY / 2 / SECOND;
const WHOLE_DAY = DAY / SECOND;

/** A clock as plain data. */
interface SavedClock {
  readonly previous: number | undefined;
  readonly day: number;
}

/** Turns times of day, in the order of the log, into instants. */
export class SessionClock {
  readonly #options: SessionClockOptions;
  #previous: number | undefined;
  #instant = 0;
  #day = 0;
  #days = new Map<number, ReturnType<typeof clockOfDay>>();
  #start: number;
  #instants: Float64Array | undefined;

  constructor(options: SessionClockOptions) {
    this.#options = options;
    ({ start: this.#start, instants: this.#instants } = this.#turnTo(0));
  }

  /** What the next record's instant depends on. */
  save(): unknown {
    return { previous: this.#previous, day: this.#day } satisfies SavedClock;
  }

  load(saved: unknown): void {
    const { previous, day } = saved as SavedClock;
    ({ start: this.#start, instants: this.#instants } = this.#turnTo(day));
    this.#previous = previous;
    this.#instant =
      previous === undefined ? 0 : (this.#instants?.[previous] ?? this.#start + previous * SECOND);
  }

  /** Where the seconds of every day are counted from, if there is one such instant. */
  get midnight(): number | undefined {
    return this.#options.spansMidnight || this.#instants ? undefined : this.#start;
  }

  /**
   * The instant of the next record, ms since the epoch.
   *
   * With `spansMidnight` a drop of more than 12 hours since the record before is a new day. A rise of more
   * than 12 hours is a quiet day, unless it goes back over a midnight that the log has passed by no more
   * than the disorder that is allowed: then it is a late record of the day before.
   */
  instantAt(secondOfDay: number): number {
    // Records of one second follow each other, so most have the time of the one before.
    if (secondOfDay !== this.#previous) {
      if (this.#options.spansMidnight) this.#pass(secondOfDay);
      this.#previous = secondOfDay;
      this.#instant = this.#instants?.[secondOfDay] ?? this.#start + secondOfDay * SECOND;
    }
    return this.#instant;
  }

  #pass(secondOfDay: number): void {
    const rise = secondOfDay - (this.#previous ?? secondOfDay);
    const late = (WHOLE_DAY - rise) * SECOND <= this.#options.maxDisorderMs;
    const step = rise < -HALF_DAY ? 1 : rise > HALF_DAY && late && this.#day > 0 ? -1 : 0;
    if (step !== 0)
      ({ start: this.#start, instants: this.#instants } = this.#turnTo(this.#day + step));
  }

  #turnTo(day: number): ReturnType<typeof clockOfDay> {
    this.#day = day;
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const date = Temporal.PlainDate.from(this.#options.date).add({ days: day });
    const clock = clockOfDay(date.toString(), this.#options.zone);
    if (this.#days.size > 2) this.#days.clear(); // only midnight's two sides are turned to again and again
    this.#days.set(day, clock);
    return clock;
  }
}
