import Big from 'big.js';
import { type Basis, type PairedSession, pairedSessions } from '../aggregations/paired-sessions.ts';
import {
  EVERYTHING,
  type SessionRange,
  type SessionResult,
  type SessionTotals,
} from '../aggregations/sessions.ts';
import type { EventStream, Findings } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Cell, Column, Note, Parameter, Row, Table } from '../core/table.ts';

/** What a bill is to show. */
export interface BillView {
  readonly inputs: readonly Input[];
  readonly range: SessionRange;
  readonly names: readonly string[] | undefined;
  /** Every session instead of every user. */
  readonly explain: boolean;
  /** Price of a second, as decimal text. */
  readonly rate: string | undefined;
  readonly currency: string | undefined;
  readonly timeoutMs: number | undefined;
  /** IANA zone in which instants are shown. */
  readonly zone: string;
  /** Whether the log tells times of day only, of a day nobody named. */
  readonly undated: boolean;
  /** As asked for, to be repeated in the report. */
  readonly parameters: Readonly<Record<string, Parameter>>;
}

const OUT_OF_ORDER: Note = {
  code: 'out-of-order',
  message: 'records are not in order of time; they are billed as if sorted',
};

/** Rows of a table are made in portions of this many. */
const PORTION = 1000;

/** The bill of a log: sessions and seconds for each user, or every session that makes them up. */
export async function billTable(
  view: BillView,
  result: SessionResult,
  { books, events, inOrder }: Findings,
): Promise<Table> {
  const common = {
    report: 'bill',
    parameters: view.parameters,
    books,
    zone: view.zone,
  };
  const notes = [...(inOrder ? [] : [OUT_OF_ORDER]), ...absenceNotes(view, result)];
  if (view.explain) {
    return {
      ...common,
      notes,
      columns: explainColumns(view),
      rows: explainedRows(view, result, events),
    };
  }
  let users = [...result.users()];
  if (view.timeoutMs !== undefined) {
    const timedOut = await timedOutTotals(view, result, events);
    users = timedOut.users;
    if (timedOut.sessions > 0) notes.push(timeoutNote(timedOut.sessions));
  }
  const shown = inRange(view) ? users.filter(isPresent) : users;
  const total = totalRow(view, shown);
  if (view.rate !== undefined) notes.push(totalNote(view, total));
  return { ...common, notes, columns: billColumns(view), rows: billRows(view, shown), total };
}

function inRange({ range }: BillView): boolean {
  return range.from !== EVERYTHING.from || range.to !== EVERYTHING.to;
}

function isPresent({ sessions, carried, durationMs }: SessionTotals): boolean {
  return sessions > 0 || carried > 0 || durationMs > 0n;
}

function billColumns(view: BillView): Column[] {
  return [
    { name: 'name', kind: 'text' },
    { name: 'sessions', kind: 'integer' },
    { name: 'seconds', kind: 'seconds' },
    ...(inRange(view) ? [{ name: 'carried', kind: 'integer' } as const] : []),
    ...(view.rate === undefined
      ? []
      : [
          { name: 'amount', kind: 'decimal' } as const,
          { name: 'currency', kind: 'text' } as const,
        ]),
  ];
}

function* billRows(view: BillView, users: readonly SessionTotals[]): Generator<Row[]> {
  for (let from = 0; from < users.length; from += PORTION) {
    yield users.slice(from, from + PORTION).map((user) => billRow(view, user));
  }
}

function billRow(view: BillView, { name, sessions, durationMs, carried }: SessionTotals): Cell[] {
  return [
    name,
    sessions,
    durationMs,
    ...(inRange(view) ? [carried] : []),
    ...(view.rate === undefined ? [] : [amountOf(durationMs, view.rate), view.currency ?? null]),
  ];
}

/** Price of a time, exact, with at least the decimal places of the rate. */
function amountOf(durationMs: bigint, rate: string): string {
  const places = rate.split('.')[1]?.length ?? 0;
  const amount = Big(rate).times(Big(durationMs.toString())).times(Big('0.001'));
  const exact = amount.toFixed();
  return (exact.split('.')[1]?.length ?? 0) < places ? amount.toFixed(places) : exact;
}

function totalRow(view: BillView, users: readonly SessionTotals[]): Row {
  return billRow(view, { name: 'total', ...sumOf(users) });
}

function sumOf(users: Iterable<SessionTotals>): Omit<SessionTotals, 'name'> {
  const sum = { sessions: 0, durationMs: 0n, carried: 0 };
  for (const user of users) {
    sum.sessions += user.sessions;
    sum.durationMs += user.durationMs;
    sum.carried += user.carried;
  }
  return sum;
}

function totalNote(view: BillView, total: Row): Note {
  const amount = String(total[billColumns(view).findIndex(({ name }) => name === 'amount')]);
  const currency = view.currency === undefined ? {} : { currency: view.currency };
  const price = [amount, ...Object.values(currency)].join(' ');
  return { code: 'total', message: `the amounts add up to ${price}`, amount, ...currency };
}

function timeoutNote(sessions: number): Note {
  const message = `${sessions} sessions begin or end at the last sign of life, by --session-timeout`;
  return { code: 'timeout', message, sessions };
}

/** Says of whom there is nothing to bill: their names may be mistyped. */
function absenceNotes({ names = [] }: BillView, result: SessionResult): Note[] {
  const absent = new Set(names);
  for (const { name } of names.length > 0 ? result.users() : []) absent.delete(name);
  return [...absent].map((name) => ({ code: 'absent', message: `no record of ${name}`, name }));
}

/** Sessions and seconds where silence closes sessions: added up from the sessions themselves. */
async function timedOutTotals(
  view: BillView,
  result: SessionResult,
  events: EventStream,
): Promise<{ users: SessionTotals[]; sessions: number }> {
  const totals = new Map<string, { -readonly [key in keyof SessionTotals]: SessionTotals[key] }>();
  for (const { name } of result.users()) {
    totals.set(name, { name, sessions: 0, durationMs: 0n, carried: 0 });
  }
  let timedOut = 0;
  for await (const sessions of paired(view, result, events)) {
    for (const { name, durationMs, carried, startBasis, endBasis } of sessions) {
      const total = totals.get(name)!;
      total.durationMs += BigInt(durationMs);
      if (carried) total.carried++;
      else total.sessions++;
      if (startBasis === 'timeout' || endBasis === 'timeout') timedOut++;
    }
  }
  return { users: [...totals.values()], sessions: timedOut };
}

function paired(
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

function explainColumns({ undated }: BillView): Column[] {
  const time = undated ? 'clock' : 'instant';
  return [
    { name: 'name', kind: 'text' },
    { name: 'start', kind: time },
    { name: 'end', kind: time },
    { name: 'seconds', kind: 'seconds' },
    { name: 'start_basis', kind: 'text' },
    { name: 'end_basis', kind: 'text' },
    { name: 'start_input', kind: 'text' },
    { name: 'start_line', kind: 'integer' },
    { name: 'start_offset', kind: 'integer' },
    { name: 'end_input', kind: 'text' },
    { name: 'end_line', kind: 'integer' },
    { name: 'end_offset', kind: 'integer' },
  ];
}

/** Every session. At the end they are checked against the bill: a difference is a bug, and stops the run. */
async function* explainedRows(
  view: BillView,
  result: SessionResult,
  events: EventStream,
): AsyncGenerator<Row[]> {
  const told = { sessions: 0, durationMs: 0n, carried: 0 };
  for await (const sessions of paired(view, result, events)) {
    yield sessions.map((session) => explainedRow(view, session));
    for (const { durationMs, carried } of sessions) {
      told.durationMs += BigInt(durationMs);
      if (carried) told.carried++;
      else told.sessions++;
    }
  }
  if (view.timeoutMs !== undefined) return;
  const billed = sumOf(result.users());
  for (const key of ['sessions', 'durationMs', 'carried'] as const) {
    if (told[key] !== billed[key]) {
      throw new Error(
        `the explanation does not add up to the bill: ${key} ${told[key]}, billed ${billed[key]}`,
      );
    }
  }
}

function explainedRow({ inputs }: BillView, session: PairedSession): Cell[] {
  const { startPlace, endPlace } = session;
  return [
    session.name,
    session.start,
    session.end,
    session.durationMs,
    session.startBasis satisfies Basis,
    session.endBasis satisfies Basis,
    ...(startPlace
      ? [inputs[startPlace.input]!.name, startPlace.line, startPlace.offset]
      : [null, null, null]),
    ...(endPlace
      ? [inputs[endPlace.input]!.name, endPlace.line, endPlace.offset]
      : [null, null, null]),
  ];
}
