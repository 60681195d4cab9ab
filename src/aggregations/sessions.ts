import type { Aggregation } from '../core/aggregation.ts';
import { Dictionary } from '../core/dictionary.ts';
import { type EventBatch, START } from '../core/event-batch.ts';
import { DAY } from '../core/time.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import {
  GREATEST,
  LEAST,
  NET_BEFORE,
  OPEN,
  ORPHANS,
  RECENT_COUNTS,
  RECENT_LAST,
  RECENT_NET_BEFORE,
  RECENT_OPEN,
  RECENT_ORPHANS,
  RECENT_STARTS,
  RECENT_SUM,
  RECENT_TIMES,
  ROW,
  type SavedSessions,
  SessionState,
  STARTS,
  SUM,
  SUM_HIGH,
} from './session-state.ts';

/** What a bill is about: a range of time, and perhaps some users only. */
export interface SessionOptions extends TimeRange {
  readonly names?: readonly string[] | undefined;
}

/** One user's line of a bill. */
export interface SessionTotals {
  readonly name: string;
  /** Sessions that start in the range. */
  readonly sessions: number;
  /** Time that sessions were open in the range. */
  readonly durationMs: bigint;
  /** Sessions that were already open when the range began, if there is anything in it. */
  readonly carried: number;
}

/** From when to when a log lasts, ms since the epoch. */
export interface LogExtent {
  readonly first: number;
  readonly last: number;
}

/** The finished sessions of a log, or of several. */
export interface SessionResult {
  /** Earliest and latest time of any record of a log, of several counted from 0; undefined without records. */
  extentOf(log: number): LogExtent | undefined;
  /** Records in the range of users who were asked for, and all others. */
  readonly counted: number;
  readonly filtered: number;
  /** Everybody who was asked for, in order of first appearance in the log sorted by time. */
  users(): Generator<SessionTotals>;
  /** Everybody in the same order, and how many of their Ends have no Start; of one log only. */
  orphans(): Generator<readonly [name: string, orphans: number]>;
}

/**
 * Sessions and seconds for each user, fair when halves are missing: an End without a Start is taken to
 * have begun with the log, a Start without an End to last until the log ends, and as many Starts and
 * Ends are paired as can be.
 *
 * For a slice of the log in order of time the state keeps, for each user, the Ends with no Start before
 * them `a`, the Starts with no End after them `b`, the number of Starts, and the sum of End times minus
 * Start times. Joining a slice with the one behind it pairs `k = min(b₁, a₂)`; all else adds. For the
 * whole log `sessions = starts + a` and `total = sum + b·last − a·first`.
 *
 * In a range every time is clipped to it first, so that adjacent ranges add up to the whole.
 *
 * `merge(earlier, later)` is associative, not commutative, and knows by each user's first and last time
 * when two slices overlap: such a state is not `ordered` and must be made anew from sorted events.
 */
export function sessions(
  options: SessionOptions = EVERYTHING,
): Aggregation<SessionState, SessionResult> {
  const asked = options.names && new Set(options.names);
  const isAsked = asked && ((name: string) => asked.has(name));
  const unlimited = !asked && options.from === EVERYTHING.from && options.to === EVERYTHING.to;
  return {
    zero: () => new SessionState(),
    add(state, batch) {
      if (batch.length === 0) return;
      const { least, greatest } = admit(state, batch);
      if (!state.ordered) return;
      state.makeRows(isAsked);
      const reach = (time: number) => Math.abs(clip(time, options) - state.origin);
      const distance = Math.max(reach(least), reach(greatest), 1);
      for (let from = 0; from < batch.length; ) {
        const to = from + state.reserve(batch.length - from, distance);
        if (unlimited) addAll(state, batch, from, to);
        else addClipped(state, batch, from, to, options);
        from = to;
      }
    },
    merge: (earlier, later) => joinSlices(earlier, later, isAsked),
    order: ({ ordered, sorted }) => (sorted ? 'total' : ordered ? 'enough' : 'none'),
    finish: (state) => resultOf(state, options),
    save: (state) => state.save(),
    load: (saved) => SessionState.load(saved as SavedSessions),
  };
}

/** Takes note of a batch's times and names. */
function admit(state: SessionState, batch: EventBatch): { least: number; greatest: number } {
  const { time, length } = batch;
  state.names ??= batch.names;
  if (state.names !== batch.names) throw new Error('a state takes batches of one dictionary only');
  if (state.events === 0) state.origin = Math.floor(time[0]! / DAY) * DAY;
  let least = time[0]!;
  let greatest = least;
  let sorted = true;
  for (let i = 0; i < length; i++) {
    const at = time[i]!;
    if (at >= greatest) greatest = at;
    else {
      sorted = false;
      if (at < least) least = at;
    }
  }
  state.sorted &&= sorted && state.greatest <= least;
  state.least = Math.min(state.least, least);
  state.greatest = Math.max(state.greatest, greatest);
  state.events += length;
  return { least, greatest };
}

/** Adds events. Which kind an event is cannot be predicted, so it is reckoned with instead of branched on. */
function addAll(state: SessionState, batch: EventBatch, from: number, to: number): void {
  const { recentCounts: counts, recentTimes: times, origin } = state;
  const { time, subject, kind } = batch;
  let ordered = true;
  for (let i = from; i < to; i++) {
    const user = subject[i]!;
    const count = user * RECENT_COUNTS;
    const sum = user * RECENT_TIMES;
    const at = time[i]!;
    const start = kind[i]!;
    const sign = 2 * start - START; // +1 for a Start, −1 for an End
    const open = counts[count + RECENT_OPEN]! + sign;
    const orphan = open >>> 31;
    counts[count + RECENT_OPEN] = open + orphan;
    counts[count + RECENT_ORPHANS]! += orphan;
    counts[count + RECENT_STARTS]! += start;
    times[sum + RECENT_SUM]! -= sign * (at - origin);
    const last = times[sum + RECENT_LAST]!;
    times[sum + RECENT_LAST] = at;
    if (at < last) ordered = false;
    else if (last === Number.NEGATIVE_INFINITY) state.settled[user * ROW + LEAST] = at;
  }
  state.counted += to - from;
  if (!ordered) state.ordered = false;
}

/** Adds events where a range or names were asked for: the same, with times clipped to the range. */
function addClipped(
  state: SessionState,
  batch: EventBatch,
  from: number,
  to: number,
  range: TimeRange,
): void {
  const { recentCounts: counts, recentTimes: times, asked, origin } = state;
  const { time, subject, kind } = batch;
  for (let i = from; i < to; i++) {
    const user = subject[i]!;
    const count = user * RECENT_COUNTS;
    const sum = user * RECENT_TIMES;
    const at = time[i]!;
    const start = kind[i]!;
    const sign = 2 * start - START;
    const open = counts[count + RECENT_OPEN]! + sign;
    const orphan = open >>> 31;
    counts[count + RECENT_OPEN] = open + orphan;
    counts[count + RECENT_ORPHANS]! += orphan;
    if (at < range.from) counts[count + RECENT_NET_BEFORE]! += sign;
    else if (at < range.to) {
      counts[count + RECENT_STARTS]! += start;
      state.counted += asked[user]!;
    }
    times[sum + RECENT_SUM]! -= sign * (clip(at, range) - origin);
    const last = times[sum + RECENT_LAST]!;
    times[sum + RECENT_LAST] = at;
    if (at < last) state.ordered = false;
    else if (last === Number.NEGATIVE_INFINITY) state.settled[user * ROW + LEAST] = at;
  }
}

function clip(time: number, { from, to }: TimeRange): number {
  return Math.min(Math.max(time, from), to);
}

/** Joins a slice of a log with the slice behind it, into the first. */
function joinSlices(
  earlier: SessionState,
  later: SessionState,
  isAsked?: (name: string) => boolean,
): SessionState {
  if (later.events === 0) return earlier;
  if (earlier.events === 0) return later;
  earlier.sorted &&= later.sorted && earlier.greatest <= later.least;
  earlier.ordered &&= later.ordered;
  earlier.least = Math.min(earlier.least, later.least);
  earlier.greatest = Math.max(earlier.greatest, later.greatest);
  earlier.events += later.events;
  earlier.counted += later.counted;
  if (!earlier.ordered) return earlier;
  earlier.settle();
  later.settle();
  later.rebase(earlier.origin);
  earlier.names ??= new Dictionary();
  for (let id = 0; id < later.users; id++) {
    const row = earlier.names.addOf(later.names!, id) * ROW;
    earlier.makeRows(isAsked);
    joinRows(earlier, row, later.settled, id * ROW);
  }
  return earlier;
}

/** Joins one user's two slices: an End that has no Start in the later one closes one left open. */
function joinRows(state: SessionState, row: number, later: Float64Array, at: number): void {
  const { settled } = state;
  if (settled[row + GREATEST]! > later[at + LEAST]!) state.ordered = false;
  const paired = Math.min(settled[row + OPEN]!, later[at + ORPHANS]!);
  settled[row + OPEN]! += later[at + OPEN]! - paired;
  settled[row + ORPHANS]! += later[at + ORPHANS]! - paired;
  for (const column of [STARTS, NET_BEFORE, SUM, SUM_HIGH]) {
    settled[row + column]! += later[at + column]!;
  }
  settled[row + LEAST] = Math.min(settled[row + LEAST]!, later[at + LEAST]!);
  settled[row + GREATEST] = Math.max(settled[row + GREATEST]!, later[at + GREATEST]!);
  state.carry(row);
}

function resultOf(state: SessionState, range: TimeRange): SessionResult {
  state.settle();
  const empty = state.events === 0;
  return {
    extentOf: () => (empty ? undefined : { first: state.least, last: state.greatest }),
    counted: state.counted,
    filtered: state.events - state.counted,
    *users() {
      for (const id of byFirstTime(state)) {
        if (state.asked[id] === 1) yield totalsOf(state, id, range);
      }
    },
    *orphans() {
      for (const id of byFirstTime(state))
        yield [state.names!.nameOf(id), state.settled[id * ROW + ORPHANS]!];
    },
  };
}

/** Ids by the time of the first record, equal ones by appearance: a sorted log has them so already. */
function byFirstTime({ settled, users, sorted }: SessionState): Uint32Array {
  const ids = Uint32Array.from({ length: users }, (_, id) => id);
  if (sorted) return ids;
  return ids.sort((a, b) => settled[a * ROW + LEAST]! - settled[b * ROW + LEAST]! || a - b);
}

function totalsOf(state: SessionState, id: number, range: TimeRange): SessionTotals {
  const { settled, origin, least: first, greatest: last } = state;
  const row = id * ROW;
  const orphans = settled[row + ORPHANS]!;
  const open = settled[row + OPEN]!;
  const firstInRange = first >= range.from && first < range.to;
  return {
    name: state.names!.nameOf(id),
    sessions: settled[row + STARTS]! + (firstInRange ? orphans : 0),
    durationMs:
      state.sumOf(row) +
      BigInt(open) * BigInt(clip(last, range) - origin) -
      BigInt(orphans) * BigInt(clip(first, range) - origin),
    carried:
      range.from === range.to
        ? 0
        : settled[row + NET_BEFORE]! +
          (first < range.from ? orphans : 0) -
          (last < range.from ? open : 0),
  };
}
