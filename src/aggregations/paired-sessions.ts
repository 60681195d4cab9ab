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
  /** A session whose End never comes ends with its user's last record before a longer silence. */
  readonly timeoutMs?: number | undefined;
}

/** Sessions that are left open come in portions of this many. */
const PORTION = 1000;

interface Half {
  readonly time: number;
  readonly basis: Basis;
  readonly place?: Place;
  /** Of an open Start: its user's last record before the first silence that was longer than the timeout. */
  lastSign?: number;
}

interface User {
  readonly name: string;
  readonly open: Half[];
  lastTime: number;
}

/**
 * Pairs Starts and Ends into sessions: an End closes the latest open Start of its user.
 *
 * An End without a Start began with the log, a Start without an End lasts until the log ends, or with a
 * timeout until the last sign of life: its user's last record before a silence that is longer.
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
  const missingStart: Half = { time: first, basis: 'earliest record' };
  const missingEnd: Half = { time: last, basis: 'latest record' };
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
        user = { name: batch.names.nameOf(id), open: [], lastTime: time };
        users[id] = user;
      }
      if (asked && !asked.has(user.name)) continue;
      if (time - user.lastTime > timeoutMs) markSilence(user);
      user.lastTime = time;
      const half: Half = { time, basis: 'record', place: placeOf(batch, i) };
      if (batch.kind[i] === START) user.open.push(half);
      else close(user.name, user.open.pop() ?? missingStart, half);
    }
    if (sessions.length > 0) yield sessions;
    sessions = [];
  }
  for (const user of users.filter((user) => user !== undefined)) {
    if (last - user.lastTime > timeoutMs) markSilence(user);
    for (const start of user.open) {
      const { lastSign } = start;
      close(
        user.name,
        start,
        lastSign === undefined ? missingEnd : { time: lastSign, basis: 'timeout' },
      );
    }
  }
  sessions.sort(byEndAndStart);
  for (let from = 0; from < sessions.length; from += PORTION)
    yield sessions.slice(from, from + PORTION);
}

/** Remembers for what is open that its user fell silent after the last record. */
function markSilence({ open, lastTime }: User): void {
  // What was opened before an earlier silence has its mark, and so has all below it.
  for (let i = open.length - 1; i >= 0 && open[i]!.lastSign === undefined; i--)
    open[i]!.lastSign = lastTime;
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
