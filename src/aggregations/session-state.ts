import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';

/** Columns of a settled row, a row for each user. */
export const ROW = 8;
/** Ends with no Start before them in the slice. */
export const ORPHANS = 0;
/** Starts with no End after them. */
export const OPEN = 1;
/** Starts inside the range. */
export const STARTS = 2;
/** Starts minus Ends before the range. */
export const NET_BEFORE = 3;
/** Sum of the times of Ends minus sum of the times of Starts, from `origin`: SUM + SUM_HIGH × 2³². */
export const SUM = 4;
export const SUM_HIGH = 5;
/** Times of the user's first and last record. */
export const LEAST = 6;
export const GREATEST = 7;

/**
 * Columns of a recent row: four counts as 32-bit integers, then the sum and the last time as doubles.
 * With 32 bytes a user, most of what a log's users need stays in the processor's second-level cache:
 * this is what billing is bound by.
 */
export const RECENT_COUNTS = 8;
export const RECENT_OPEN = 0;
export const RECENT_ORPHANS = 1;
export const RECENT_STARTS = 2;
export const RECENT_NET_BEFORE = 3;
export const RECENT_TIMES = 4;
export const RECENT_SUM = 2;
export const RECENT_LAST = 3;

const HIGH = 2 ** 32;
/** What recent rows can count and sum up exactly before they must be settled. */
const MOST_EVENTS = 2 ** 31 - 1;
const MOST_SUM = 2 ** 52;

/**
 * The sessions of one slice of a log: a few numbers a user, however many records.
 *
 * What was added lately is counted in small recent rows, which from time to time are joined to the
 * settled ones, as one slice of a log to the slice in front of it.
 *
 * Rows stand in the order of the dictionary's ids, which is that of first appearance. Sums are exact for
 * logs that span up to 2⁵³ − 2³² ms, some 285,000 years.
 */
export class SessionState {
  names: Dictionary | undefined;
  /** Users with a row. */
  users = 0;
  settled: Float64Array<ArrayBuffer> = new Float64Array(0);
  recentCounts: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** The same memory as `recentCounts`. */
  recentTimes: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** For each user, 1 if it was asked for. */
  asked: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** What times are counted from in sums, so that these stay small: midnight before the first record. */
  origin = 0;
  least = Number.POSITIVE_INFINITY;
  greatest = Number.NEGATIVE_INFINITY;
  events = 0;
  /** Of these, the events in the range, of users who were asked for. */
  counted = 0;
  /** Whether the records stand in order of time. */
  sorted = true;
  /** Whether each user's do: that is enough to bill. */
  ordered = true;
  #recentEvents = 0;
  #recentSum = 0;

  /** Gives every name of the dictionary a row. */
  makeRows(isAsked?: (name: string) => boolean): void {
    const needed = this.names?.size ?? 0;
    if (needed > this.asked.length) this.#enlarge(Math.max(needed, this.users * 2, 1024));
    for (; this.users < needed; this.users++) {
      this.settled[this.users * ROW + LEAST] = Number.POSITIVE_INFINITY;
      this.settled[this.users * ROW + GREATEST] = Number.NEGATIVE_INFINITY;
      this.recentTimes[this.users * RECENT_TIMES + RECENT_LAST] = Number.NEGATIVE_INFINITY;
      this.asked[this.users] =
        isAsked === undefined || isAsked(this.names!.nameOf(this.users)) ? 1 : 0;
    }
  }

  #enlarge(rows: number): void {
    const { settled, asked, recentTimes } = this;
    this.settled = new Float64Array(rows * ROW);
    this.settled.set(settled);
    this.asked = new Uint8Array(rows);
    this.asked.set(asked);
    this.recentTimes = new Float64Array(rows * RECENT_TIMES);
    this.recentTimes.set(recentTimes);
    this.recentCounts = new Int32Array(this.recentTimes.buffer);
  }

  /**
   * Says how many of these events, at most this far from the origin, may be added before the next call,
   * so that nothing overflows.
   */
  reserve(events: number, distanceMs: number): number {
    if (
      this.#recentEvents + events > MOST_EVENTS ||
      this.#recentSum + events * distanceMs > MOST_SUM
    ) {
      this.settle();
    }
    const allowed = Math.min(events, Math.max(1, Math.floor(MOST_SUM / distanceMs)));
    this.#recentEvents += allowed;
    this.#recentSum += allowed * distanceMs;
    return allowed;
  }

  /** Joins what was added lately to what was settled before. */
  settle(): void {
    if (this.#recentEvents === 0) return;
    const { settled, recentCounts: counts, recentTimes: times } = this;
    for (let user = 0; user < this.users; user++) {
      const [row, count, time] = [user * ROW, user * RECENT_COUNTS, user * RECENT_TIMES];
      const orphans = counts[count + RECENT_ORPHANS]!;
      const paired = Math.min(settled[row + OPEN]!, orphans);
      settled[row + OPEN]! += counts[count + RECENT_OPEN]! - paired;
      settled[row + ORPHANS]! += orphans - paired;
      settled[row + STARTS]! += counts[count + RECENT_STARTS]!;
      settled[row + NET_BEFORE]! += counts[count + RECENT_NET_BEFORE]!;
      settled[row + SUM]! += times[time + RECENT_SUM]!;
      settled[row + GREATEST] = Math.max(settled[row + GREATEST]!, times[time + RECENT_LAST]!);
      this.carry(row);
      counts.fill(0, count, count + RECENT_NET_BEFORE + 1);
      times[time + RECENT_SUM] = 0;
    }
    this.#recentEvents = 0;
    this.#recentSum = 0;
  }

  /** Moves whole multiples of 2³² out of a row's sum. */
  carry(row: number): void {
    const high = Math.trunc(this.settled[row + SUM]! / HIGH);
    this.settled[row + SUM_HIGH]! += high;
    this.settled[row + SUM]! -= high * HIGH;
  }

  /** Counts settled sums from another origin: each unmatched End or Start in them moves by the difference. */
  rebase(origin: number): void {
    const shift = this.origin - origin;
    this.origin = origin;
    if (shift === 0) return;
    const { settled } = this;
    for (let row = 0; row < this.users * ROW; row += ROW) {
      // `a − b` is the number of Ends minus that of Starts: a pair takes one from neither or from both.
      const moved = BigInt(shift) * BigInt(settled[row + ORPHANS]! - settled[row + OPEN]!);
      const sum = this.sumOf(row) + moved;
      const low = BigInt.asIntN(32, sum);
      settled[row + SUM] = Number(low);
      settled[row + SUM_HIGH] = Number((sum - low) / BigInt(HIGH));
    }
  }

  /** Settled sum of End times minus Start times of the user in this row, ms from the origin. */
  sumOf(row: number): bigint {
    return BigInt(this.settled[row + SUM]!) + BigInt(this.settled[row + SUM_HIGH]!) * BigInt(HIGH);
  }

  save(): SavedSessions {
    this.settle();
    const { names, users, origin, least, greatest, events, counted, sorted, ordered } = this;
    return {
      names: names?.save(),
      settled: this.settled.slice(0, users * ROW),
      asked: this.asked.slice(0, users),
      ...{ users, origin, least, greatest, events, counted, sorted, ordered },
    };
  }

  static load({ names, ...columns }: SavedSessions): SessionState {
    const state = Object.assign(new SessionState(), columns);
    state.names = names && Dictionary.load(names);
    // Recent rows come with room for more; what is loaded was settled.
    state.recentTimes = new Float64Array(columns.users * RECENT_TIMES);
    state.recentCounts = new Int32Array(state.recentTimes.buffer);
    for (let user = 0; user < columns.users; user++) {
      state.recentTimes[user * RECENT_TIMES + RECENT_LAST] =
        columns.settled[user * ROW + GREATEST]!;
    }
    return state;
  }
}

/** A state as plain data. */
export type SavedSessions = Pick<
  SessionState,
  | 'settled'
  | 'asked'
  | 'users'
  | 'origin'
  | 'least'
  | 'greatest'
  | 'events'
  | 'counted'
  | 'sorted'
  | 'ordered'
> & { readonly names: SavedDictionary | undefined };
