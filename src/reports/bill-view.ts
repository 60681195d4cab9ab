import { type PairedSession, pairedSessions } from '../aggregations/paired-sessions.ts';
import type { SessionResult, SessionTotals } from '../aggregations/sessions.ts';
import type { EventStream } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Parameter } from '../core/table.ts';
import type { TimeRange } from '../core/time-range.ts';

/** What a bill is to show. */
export interface BillView {
  readonly inputs: readonly Input[];
  readonly range: TimeRange;
  readonly names: readonly string[] | undefined;
  /** Every session instead of every user. */
  readonly explain: boolean;
  /** Price of a second, as decimal text. */
  readonly rate: string | undefined;
  readonly currency: string | undefined;
  readonly timeoutMs: number | undefined;
  /** Whether it is a bill of windows. */
  readonly windowed: boolean;
  /** IANA zone in which instants are shown. */
  readonly zone: string;
  /** Whether the log tells times of day only, of a day nobody named. */
  readonly undated: boolean;
  /** As asked for, to be repeated in the report. */
  readonly parameters: Readonly<Record<string, Parameter>>;
}

/** The sessions behind a result, one by one. */
export function paired(
  view: BillView,
  { first = 0, last = 0 }: SessionResult,
  events: EventStream,
): AsyncIterable<PairedSession[]> {
  return pairedSessions(events, {
    ...view.range,
    names: view.names,
    first,
    last,
    timeoutMs: view.timeoutMs,
  });
}

/** Sessions, time and carried sessions, of a user or of several. */
export interface Sum {
  sessions: number;
  durationMs: bigint;
  carried: number;
}

export function noSessions(): Sum {
  return { sessions: 0, durationMs: 0n, carried: 0 };
}

/** Adds one session. */
export function count(sum: Sum, { durationMs, carried }: PairedSession): void {
  sum.durationMs += BigInt(durationMs);
  if (carried) sum.carried++;
  else sum.sessions++;
}

/** What all users have together. */
export function sumOf(users: Iterable<SessionTotals>): Sum {
  const sum = noSessions();
  for (const user of users) {
    sum.sessions += user.sessions;
    sum.durationMs += user.durationMs;
    sum.carried += user.carried;
  }
  return sum;
}
