import { HOUR } from '../core/time.ts';

/** More hours than that which close at once are told in one. */
const MOST_ALONE = 24;

/** Hours of the clock (UTC) that have closed, one or several in a row. */
export interface ClosedWindow {
  /** ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** `provisional`: its end has passed; `final`: nothing that comes in time can change it. */
  readonly state: 'provisional' | 'final';
}

/** How far something is, ms since the epoch. */
interface Reach {
  /** There are records from here. */
  readonly reached: number;
  /** All before this is counted. */
  readonly through: number;
}

/** Tells the hours that close as something is counted. */
export class WindowWatch {
  /** Ends of the last hours that were told. */
  #ended: number;
  #final: number;

  /** @param from - What lies before the hour of this instant is not told. */
  constructor(from: number) {
    this.#ended = hourOf(from);
    this.#final = this.#ended;
  }

  /** The hours that have closed since, final ones first. */
  advance({ reached, through }: Reach): ClosedWindow[] {
    const [final, ended] = [hourOf(through), hourOf(reached)];
    const closed = hoursOf(this.#final, final, 'final');
    this.#final = Math.max(this.#final, final);
    // What is final at once was never provisional.
    this.#ended = Math.max(this.#ended, this.#final);
    closed.push(...hoursOf(this.#ended, ended, 'provisional'));
    this.#ended = Math.max(this.#ended, ended);
    return closed;
  }
}

function hourOf(time: number): number {
  return Math.floor(time / HOUR) * HOUR;
}

function hoursOf(from: number, to: number, state: ClosedWindow['state']): ClosedWindow[] {
  const count = Math.max(0, (to - from) / HOUR);
  if (count > MOST_ALONE) return [{ start: from, end: to, state }];
  return Array.from({ length: count }, (_, i) => {
    const start = from + i * HOUR;
    return { start, end: start + HOUR, state };
  });
}
