import { type PairedSession, pairedSessions } from '../aggregations/paired-sessions.ts';
import type { SessionResult, SessionTotals } from '../aggregations/sessions.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { EventStream } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Parameter } from '../core/table.ts';
import type { TimeRange } from '../core/time-range.ts';

/** What a bill is to show. */
export interface BillView {
  readonly inputs: readonly Input[];
  /** Which log each input is of, by rank, if there are several. */
  readonly logs: readonly number[] | undefined;
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

/** The sessions behind a result, one by one, those of each log for themselves. */
export async function* paired(
  view: BillView,
  result: SessionResult,
  events: EventStream,
): AsyncGenerator<PairedSession[]> {
  const { range, names, timeoutMs, logs } = view;
  for await (const own of eventsByLog(events, logs)) {
    const extent = result.extentOf(own.log) ?? { first: 0, last: 0 };
    yield* pairedSessions(own.events, { ...range, names, ...extent, timeoutMs });
  }
}

/** The events of one log after the other; each must be read to its end before the next. */
async function* eventsByLog(
  events: EventStream,
  logs: BillView['logs'],
): AsyncGenerator<{ log: number; events: AsyncGenerator<EventBatch> }> {
  const logOf = ({ input }: EventBatch) => logs?.[input[0]!] ?? 0;
  async function* batches() {
    for await (const batch of events) if (batch.length > 0) yield batch;
  }
  const iterator = batches();
  let next = await iterator.next();
  async function* eventsOf(log: number) {
    for (; !next.done && logOf(next.value) === log; next = await iterator.next()) yield next.value;
  }
  try {
    while (!next.done) {
      const log = logOf(next.value);
      yield { log, events: eventsOf(log) };
    }
  } finally {
    await iterator.return(undefined);
  }
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
