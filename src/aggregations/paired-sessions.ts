import { type EventBatch, START } from '../core/event-batch.ts';
import type { SessionOptions } from './sessions.ts';

/** Why a session begins or ends where it does: a record, or what is assumed for one that is missing. */
export type Basis = 'record' | 'earliest record' | 'latest record' | 'timeout';

/** Where a record stands. */
interface Place {
  /** Rank of the input. */
  readonly input: number;
  /** From 1. */
  readonly line: number;
  /** In bytes from the start of the input. */
  readonly offset: number;
}

/** One session as a bill tells it. */
export interface PairedSession {
  readonly name: string;
  /** ms since the epoch, as in the log, whatever the range. */
  readonly start: number;
  readonly end: number;
  /** What of it lies in the range. */
  readonly durationMs: number;
  /** Whether it was open already when the range began. */
  readonly carried: boolean;
  readonly startBasis: Basis;
  readonly endBasis: Basis;
  readonly startPlace?: Place | undefined;
  readonly endPlace?: Place | undefined;
}

export interface PairingOptions extends SessionOptions {
  /** Earliest and latest time of any record of the log. */
  readonly first: number;
  readonly last: number;
  /** A user who is silent for longer has no session open any more. */
  readonly timeoutMs?: number | undefined;
}

interface Half {
  readonly time: number;
  readonly basis: Basis;
  readonly place?: Place;
}

interface User {
  readonly name: string;
  readonly open: Half[];
  /** Where a session began whose Start is missing. */
  assumedStart: Half;
  lastTime: number;
}

/**
 * Pairs Starts and Ends into sessions: an End closes the latest open Start of its user.
 *
 * An End without a Start began with the log, a Start without an End lasts until the log ends. With a
 * timeout, who is silent for longer is taken to have left with the last record before the silence, and
 * an End that follows without a Start to have begun with the first record after it.
 *
 * Sessions come in the order in which the log closes them, then those it leaves open by end and start.
 * Their durations add up to those of `sessions`, save for a timeout. Memory grows with the users and the
 * sessions open.
 *
 * @param events - In order of time.
 */
export async function* pairedSessions(
  events: AsyncIterable<EventBatch> | Iterable<EventBatch>,
  options: PairingOptions,
): AsyncGenerator<PairedSession[]> {
  const { first, last, timeoutMs = Number.POSITIVE_INFINITY, names } = options;
  const asked = names && new Set(names);
  const users: (User | undefined)[] = [];
  let sessions: PairedSession[] = [];
  const close = (name: string, start: Half, end: Half) => {
    const session = sessionOf(name, start, end, options);
    if (session !== undefined) sessions.push(session);
  };
  for await (const batch of events) {
    for (let i = 0; i < batch.length; i++) {
      const id = batch.subject[i]!;
      const time = batch.time[i]!;
      let user = users[id];
      if (user === undefined) {
        user = newUser(batch.names.nameOf(id), time, first, timeoutMs);
        users[id] = user;
      }
      if (asked && !asked.has(user.name)) continue;
      if (time - user.lastTime > timeoutMs) {
        const end: Half = { time: user.lastTime, basis: 'timeout' };
        for (const start of user.open.splice(0)) close(user.name, start, end);
        user.assumedStart = { time, basis: 'timeout' };
      }
      user.lastTime = time;
      const half: Half = { time, basis: 'record', place: placeOf(batch, i) };
      if (batch.kind[i] === START) user.open.push(half);
      else close(user.name, user.open.pop() ?? user.assumedStart, half);
    }
    if (sessions.length > 0) yield sessions;
    sessions = [];
  }
  for (const { name, open, lastTime } of users.filter((user) => user !== undefined)) {
    const silent = last - lastTime > timeoutMs;
    const end: Half = silent
      ? { time: lastTime, basis: 'timeout' }
      : { time: last, basis: 'latest record' };
    for (const start of open) close(name, start, end);
  }
  if (sessions.length > 0) yield sessions.sort(byEndAndStart);
}

function newUser(name: string, time: number, first: number, timeoutMs: number): User {
  const withLog = time - first <= timeoutMs;
  const assumedStart: Half = withLog
    ? { time: first, basis: 'earliest record' }
    : { time, basis: 'timeout' };
  return { name, open: [], assumedStart, lastTime: time };
}

/** The session, if any of it lies in the range: it starts there, or is open when the range begins. */
function sessionOf(
  name: string,
  start: Half,
  end: Half,
  range: SessionOptions,
): PairedSession | undefined {
  if (start.time >= range.to || range.from === range.to) return undefined;
  if (start.time < range.from && end.time < range.from) return undefined;
  const from = Math.max(start.time, range.from);
  return {
    name,
    start: start.time,
    end: end.time,
    durationMs: Math.max(0, Math.min(end.time, range.to) - from),
    carried: start.time < range.from,
    startBasis: start.basis,
    endBasis: end.basis,
    startPlace: start.place,
    endPlace: end.place,
  };
}

function placeOf(batch: EventBatch, i: number): Place {
  return { input: batch.input[i]!, line: batch.line[i]!, offset: batch.position[i]! };
}

function byEndAndStart(a: PairedSession, b: PairedSession): number {
  const [p, q] = [a.startPlace!, b.startPlace!];
  return a.end - b.end || a.start - b.start || p.input - q.input || p.offset - q.offset;
}
