import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';

/** Columns of a row, a row for each user: 64 bytes, so that an event touches one cache line. */
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

const HIGH = 2 ** 32;

/**
 * The sessions of one slice of a log: a few numbers a user, however many records.
 *
 * Rows stand in the order of the dictionary's ids, which is that of first appearance. Sums are exact for
 * logs that span up to 2⁵³ − 2³² ms, some 285,000 years.
 */
export class SessionState {
  names: Dictionary | undefined;
  rows: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Users with a row. */
  users = 0;
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
  /** What sums may have grown by, at most, since they were last normalised. */
  #growth = 0;

  /** Gives every name of the dictionary a row. */
  makeRows(isAsked?: (name: string) => boolean): void {
    const needed = this.names?.size ?? 0;
    if (needed * ROW > this.rows.length) {
      const larger = new Float64Array(Math.max(needed, this.users * 2, 1024) * ROW);
      larger.set(this.rows);
      this.rows = larger;
      const asked = new Uint8Array(larger.length / ROW);
      asked.set(this.asked);
      this.asked = asked;
    }
    for (; this.users < needed; this.users++) {
      this.rows[this.users * ROW + LEAST] = Number.POSITIVE_INFINITY;
      this.rows[this.users * ROW + GREATEST] = Number.NEGATIVE_INFINITY;
      this.asked[this.users] =
        isAsked === undefined || isAsked(this.names!.nameOf(this.users)) ? 1 : 0;
    }
  }

  /**
   * Says how many events of at most this distance from the origin may be added before the next call,
   * so that no sum grows beyond what a double counts exactly.
   */
  reserve(events: number, distanceMs: number): number {
    if (this.#growth + events * distanceMs > 2 ** 52) this.normalise();
    const allowed = Math.min(events, Math.max(1, Math.floor(2 ** 52 / distanceMs)));
    this.#growth += allowed * distanceMs;
    return allowed;
  }

  /** Moves whole multiples of 2³² out of the sums. */
  normalise(): void {
    const { rows } = this;
    for (let row = 0; row < this.users * ROW; row += ROW) {
      const high = Math.trunc(rows[row + SUM]! / HIGH);
      rows[row + SUM_HIGH]! += high;
      rows[row + SUM]! -= high * HIGH;
    }
    this.#growth = 0;
  }

  /** Counts sums from another origin: each unmatched End or Start in them moves by the difference. */
  rebase(origin: number): void {
    const shift = this.origin - origin;
    this.origin = origin;
    if (shift === 0 || this.users === 0) return;
    this.normalise();
    const { rows } = this;
    for (let row = 0; row < this.users * ROW; row += ROW) {
      // `a − b` is the number of Ends minus that of Starts: a pair takes one from neither or from both.
      const moved = BigInt(shift) * BigInt(rows[row + ORPHANS]! - rows[row + OPEN]!);
      this.#setSum(row, this.sumOf(row) + moved);
    }
  }

  /** Sum of End times minus Start times of the user in this row, ms from the origin. */
  sumOf(row: number): bigint {
    return BigInt(this.rows[row + SUM]!) + BigInt(this.rows[row + SUM_HIGH]!) * BigInt(HIGH);
  }

  #setSum(row: number, sum: bigint): void {
    const low = BigInt.asIntN(32, sum);
    this.rows[row + SUM] = Number(low);
    this.rows[row + SUM_HIGH] = Number((sum - low) / BigInt(HIGH));
  }

  save(): SavedSessions {
    this.normalise();
    const { names, users, origin, least, greatest, events, counted, sorted, ordered } = this;
    return {
      names: names?.save(),
      rows: this.rows.slice(0, users * ROW),
      asked: this.asked.slice(0, users),
      ...{ users, origin, least, greatest, events, counted, sorted, ordered },
    };
  }

  static load({ names, ...columns }: SavedSessions): SessionState {
    const state = Object.assign(new SessionState(), columns);
    state.names = names && Dictionary.load(names);
    return state;
  }
}

/** A state as plain data. */
export type SavedSessions = Pick<
  SessionState,
  | 'rows'
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
