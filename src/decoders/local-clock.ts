import { SECOND } from '../core/time.ts';

const HOUR = 3600 * SECOND;
/** Hours that are remembered at most: logs stay within some, a hostile one need not. */
const MOST_HOURS = 10_000;

/** Tells the instants of a zone's local times. Those that do not exist, or twice, are taken as `Temporal` does. */
export class LocalClock {
  readonly #zone: string;
  /** By hour: how far it is behind the same hour of UTC, ms; NaN where clocks change within it. */
  readonly #hours = new Map<number, number>();
  #hour = Number.NaN;
  #behind = Number.NaN;

  constructor(zone: string) {
    this.#zone = zone;
  }

  /** @param local - What the clock shows, as the milliseconds of a UTC clock that shows it. */
  instantOf(local: number): number {
    const hour = Math.floor(local / HOUR);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#behind = this.#behindAt(hour);
    }
    const instant = local + this.#behind;
    return Number.isNaN(instant) ? this.#resolve(local) : instant;
  }

  #behindAt(hour: number): number {
    const known = this.#hours.get(hour);
    if (known !== undefined) return known;
    const local = hour * HOUR;
    const [first, last] = [this.#resolve(local), this.#resolve(local + HOUR - 1)];
    const behind = last - first === HOUR - 1 ? first - local : Number.NaN;
    if (this.#hours.size === MOST_HOURS) this.#hours.clear();
    this.#hours.set(hour, behind);
    return behind;
  }

  #resolve(local: number): number {
    const clock = Temporal.Instant.fromEpochMilliseconds(local).toZonedDateTimeISO('UTC');
    return clock.toPlainDateTime().toZonedDateTime(this.#zone).epochMilliseconds;
  }
}
