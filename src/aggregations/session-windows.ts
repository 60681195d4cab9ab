import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';
import { START } from '../core/event-batch.ts';
import type { Window } from '../core/windows.ts';
import type { SessionTotals } from './sessions.ts';

/** Columns, a row for each user. */
const ROW = 5;
/** Sessions open now, and when the window began. */
const OPEN = 0;
const OPEN_BEFORE = 1;
/** Starts in the window. */
const STARTS = 2;
/** Ends in the window with no Start before them: they began with the log. */
const ORPHANS = 3;
/** Sum of the times of Ends minus sum of the times of Starts in the window, ms from its start. */
const SUM = 4;

/** Sessions of one window after the other, of events in order of time: a few numbers a user. */
export class SessionWindows {
  readonly #names: Dictionary;
  #rows: Float64Array<ArrayBuffer>;
  /** Users in order of appearance. */
  readonly #order: number[];
  readonly #appeared: boolean[] = [];
  /** Time of the earliest event. */
  #first: number | undefined;
  /** Where the sums of the window under way are counted from. */
  #origin = Number.NaN;
  /** Sessions that begin with the log, by user: known where the log was read before. */
  readonly #began: ReadonlyMap<string, number> | undefined;

  /**
   * @param users - Everybody of the log in order of appearance, and how many of their Ends have no Start, where
   * that is known; otherwise such an End counts from the start of the window that it is found in.
   */
  constructor(users?: ReadonlyMap<string, number>, saved?: SavedSessionWindows) {
    this.#began = users;
    this.#names = saved ? Dictionary.load(saved.names) : new Dictionary();
    this.#rows = saved?.rows ?? new Float64Array(0);
    this.#order = [...(saved?.order ?? [])];
    for (const id of this.#order) this.#appeared[id] = true;
    this.#first = saved?.first;
    this.#origin = saved?.origin ?? Number.NaN;
  }

  /** The number of a user, for `add`. */
  idOf(name: Uint8Array): number {
    const id = this.#names.add(name, 0, name.length);
    if ((id + 1) * ROW > this.#rows.length) {
      const larger = new Float64Array(Math.max(1024, id + 1) * 2 * ROW);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    return id;
  }

  /** Adds an event, none of which is earlier than those added before, nor later than the window under way. */
  add(time: number, user: number, kind: number): void {
    if (this.#first === undefined) this.#begin(time);
    if (Number.isNaN(this.#origin)) this.#origin = time;
    this.#appear(user);
    const row = user * ROW;
    const rows = this.#rows;
    if (kind === START) {
      rows[row + OPEN]!++;
      rows[row + STARTS]!++;
      rows[row + SUM]! -= time - this.#origin;
      return;
    }
    if (rows[row + OPEN]! > 0) rows[row + OPEN]!--;
    else rows[row + ORPHANS]!++;
    rows[row + SUM]! += time - this.#origin;
  }

  /**
   * What the window under way holds, if it is this one, in order of appearance; who has nothing is left out.
   *
   * @param last - Time of the latest event there is, wherever: so long what is open lasts.
   */
  *totals({ start, end }: Window, last: number): Generator<SessionTotals> {
    const first = this.#first ?? end;
    const until = Math.min(end, last);
    if (until < start) return;
    for (const id of this.#order) {
      const row = id * ROW;
      const [open = 0, before = 0, starts = 0, orphans = 0, sum = 0] = this.#rows.subarray(
        row,
        row + ROW,
      );
      if (before === 0 && starts === 0 && orphans === 0) continue;
      const ends = before + starts + orphans - open;
      // Each Start opens a session from its time until the end, each End closes one; both are summed from
      // the origin. An End with no Start closes one that was open since the log began.
      const shift = this.#origin - start || 0;
      const moved = sum + shift * (ends - starts);
      const paired = (before + starts - ends) * (until - start) + moved;
      const durationMs = paired + orphans * (until - Math.max(start, first));
      const began = first >= start ? orphans : 0;
      yield {
        name: this.#names.nameOf(id),
        sessions: starts + began,
        durationMs: BigInt(durationMs),
        carried: before + orphans - began,
      };
    }
  }

  /** Goes on to the window behind. */
  next(): void {
    const rows = this.#rows;
    for (let row = 0; row < this.#names.size * ROW; row += ROW) {
      rows[row + OPEN_BEFORE] = rows[row + OPEN]!;
      rows.fill(0, row + STARTS, row + ROW);
    }
    this.#origin = Number.NaN;
  }

  save(): SavedSessionWindows {
    return {
      names: this.#names.save(),
      rows: this.#rows.slice(0, this.#names.size * ROW),
      order: this.#order,
      first: this.#first,
      origin: this.#origin,
    };
  }

  #appear(user: number): void {
    if (this.#appeared[user]) return;
    this.#appeared[user] = true;
    this.#order.push(user);
  }

  /** Opens the sessions that begin with the log. */
  #begin(first: number): void {
    this.#first = first;
    this.#origin = first;
    for (const [name, orphans] of this.#began ?? []) {
      const id = this.idOf(Buffer.from(name));
      this.#appear(id);
      this.#rows[id * ROW + OPEN]! += orphans;
      this.#rows[id * ROW + STARTS]! += orphans;
    }
  }
}

/** As plain data. */
export interface SavedSessionWindows {
  readonly names: SavedDictionary;
  readonly rows: Float64Array<ArrayBuffer>;
  readonly order: readonly number[];
  readonly first: number | undefined;
  readonly origin: number;
}
