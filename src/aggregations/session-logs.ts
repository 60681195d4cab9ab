import type { Aggregation } from '../core/aggregation.ts';
import type { SessionState } from './session-state.ts';
import {
  type LogExtent,
  type SessionOptions,
  type SessionResult,
  type SessionTotals,
  sessions,
} from './sessions.ts';

/** Several logs, and what a bill of them is about. */
export interface SessionLogOptions extends SessionOptions {
  /** Which log each input is of, by rank: those of one log side by side. */
  readonly logs: readonly number[];
}

/**
 * Sessions and seconds for each user over several logs, each with a first and a last time of its own: the sum of their
 * bills. Users come by the log in which they first appear, then in its order.
 *
 * A state is of neighbouring logs. Only the first and the last of them may go on outside of it; those between are
 * finished, and no more is kept of them than what they add to each user: so memory grows with users, not with logs.
 */
export function sessionLogs({
  logs,
  ...options
}: SessionLogOptions): Aggregation<LogsState, SessionResult> {
  const own = sessions(options);
  const finish = (slice: LogSlice | undefined, into: FinishedLogs) => {
    if (slice === undefined) return;
    const order = own.order!(slice.state);
    addLog(into, slice.log, order, order === 'none' ? undefined : own.finish(slice.state));
  };
  /** Adds what is behind: more of the last log, or the next one, with which that is at its end. */
  const append = (state: LogsState, slice: LogSlice) => {
    const last = state.tail ?? state.head;
    if (last?.log === slice.log) last.state = own.merge(last.state, slice.state);
    else if (state.head === undefined) state.head = slice;
    else {
      finish(state.tail, state.between);
      state.tail = slice;
    }
  };
  return {
    zero: () => ({ head: undefined, between: noLogs(), tail: undefined }),
    add(state, batch) {
      if (batch.length === 0) return;
      const log = logs[batch.input[0]!]!;
      if ((state.tail ?? state.head)?.log !== log) append(state, { log, state: own.zero() });
      own.add((state.tail ?? state.head)!.state, batch);
    },
    merge(earlier, later) {
      if (later.head === undefined) return earlier;
      if (earlier.head === undefined) return later;
      append(earlier, later.head);
      if (later.tail === undefined) return earlier;
      finish(earlier.tail, earlier.between);
      addLogs(earlier.between, later.between);
      earlier.tail = later.tail;
      return earlier;
    },
    order({ head, between, tail }) {
      const orders = [
        between.order,
        ...[head, tail].map((slice) => slice && own.order!(slice.state)),
      ];
      return orders.includes('none') ? 'none' : orders.includes('enough') ? 'enough' : 'total';
    },
    finish({ head, between, tail }) {
      const all = noLogs();
      finish(head, all);
      addLogs(all, between);
      finish(tail, all);
      return resultOf(all);
    },
    save({ head, between, tail }) {
      const saved = (slice?: LogSlice) => slice && { ...slice, state: own.save(slice.state) };
      return { head: saved(head), between, tail: saved(tail) };
    },
    load(saved) {
      const { head, between, tail } = saved as LogsState;
      const loaded = (slice?: LogSlice) => slice && { ...slice, state: own.load(slice.state) };
      return { head: loaded(head), between, tail: loaded(tail) };
    },
  };
}

/** Part of a log, or all of it. */
interface LogSlice {
  readonly log: number;
  state: SessionState;
}

/** Neighbouring logs. */
interface LogsState {
  head: LogSlice | undefined;
  readonly between: FinishedLogs;
  /** The last one, if there are several. */
  tail: LogSlice | undefined;
}

/** What whole logs add up to, as plain data. */
interface FinishedLogs {
  readonly users: Map<string, SessionTotals>;
  /** First and last time of each log that has any. */
  readonly extents: Map<number, LogExtent>;
  order: 'total' | 'enough' | 'none';
  counted: number;
  filtered: number;
}

function noLogs(): FinishedLogs {
  return { users: new Map(), extents: new Map(), order: 'total', counted: 0, filtered: 0 };
}

/** Adds a log; one whose events have to come once more says only that. */
function addLog(
  into: FinishedLogs,
  log: number,
  order: FinishedLogs['order'],
  result: SessionResult | undefined,
): void {
  if (into.order !== 'none' && order !== 'total') into.order = order;
  if (result === undefined) return;
  const { counted, filtered } = result;
  for (const user of result.users()) addUser(into, user);
  const extent = result.extentOf(0);
  if (extent !== undefined) into.extents.set(log, extent);
  into.counted += counted;
  into.filtered += filtered;
}

function addLogs(
  into: FinishedLogs,
  { users, extents, order, counted, filtered }: FinishedLogs,
): void {
  if (into.order !== 'none' && order !== 'total') into.order = order;
  for (const user of users.values()) addUser(into, user);
  for (const [log, extent] of extents) into.extents.set(log, extent);
  into.counted += counted;
  into.filtered += filtered;
}

function addUser({ users }: FinishedLogs, user: SessionTotals): void {
  const { name } = user;
  const before = users.get(name);
  const sessions = (before?.sessions ?? 0) + user.sessions;
  const durationMs = (before?.durationMs ?? 0n) + user.durationMs;
  const carried = (before?.carried ?? 0) + user.carried;
  users.set(name, { name, sessions, durationMs, carried });
}

function resultOf({ users, extents, counted, filtered }: FinishedLogs): SessionResult {
  return {
    extentOf: (log) => extents.get(log),
    counted,
    filtered,
    *users() {
      yield* users.values();
    },
    orphans(): never {
      throw new Error('several logs have no common first record');
    },
  };
}
