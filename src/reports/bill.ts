import Big from 'big.js';
import type { SessionResult, SessionTotals } from '../aggregations/sessions.ts';
import type { EventStream, Findings } from '../core/report.ts';
import type { Cell, Column, Note, Row, Table } from '../core/table.ts';
import { EVERYTHING } from '../core/time-range.ts';
import { type BillView, count, noSessions, paired, type Sum, sumOf } from './bill-view.ts';
import { explainColumns, explainedRows } from './explained-bill.ts';

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
    if (timedOut.sessions > 0) notes.push(timeoutNote(view, timedOut.sessions));
  }
  const shown = inRange(view) ? users.filter(isPresent) : users;
  const total = totalRow(view, shown);
  if (view.rate !== undefined && !view.windowed) notes.push(totalNote(view, total));
  return { ...common, notes, columns: billColumns(view), rows: billRows(view, shown), total };
}

function inRange({ range, windowed }: BillView): boolean {
  return windowed || range.from !== EVERYTHING.from || range.to !== EVERYTHING.to;
}

function isPresent({ sessions, carried, durationMs }: SessionTotals): boolean {
  return sessions > 0 || carried > 0 || durationMs > 0n;
}

/** The columns of a bill. */
export function billColumns(view: BillView): Column[] {
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

/** The lines of a bill for users of whom there is something in a range. */
export function billLines(view: BillView, users: Iterable<SessionTotals>): Row[] {
  return [...users].filter(isPresent).map((user) => billRow(view, user));
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

function totalNote(view: BillView, total: Row): Note {
  const amount = String(total[billColumns(view).findIndex(({ name }) => name === 'amount')]);
  const currency = view.currency === undefined ? {} : { currency: view.currency };
  const price = [amount, ...Object.values(currency)].join(' ');
  return { code: 'total', message: `the amounts add up to ${price}`, amount, ...currency };
}

function timeoutNote({ parameters }: BillView, sessions: number): Note {
  const isAsked = parameters['sessionTimeout'] !== undefined;
  const timeout = isAsked ? '--session-timeout' : 'session_timeout of the source';
  const message = `${sessions} sessions without an End end at the last sign of life, by ${timeout}`;
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
  const totals = new Map<string, Sum & { name: string }>();
  for (const { name } of result.users()) totals.set(name, { name, ...noSessions() });
  let timedOut = 0;
  for await (const sessions of paired(view, result, events)) {
    for (const session of sessions) {
      count(totals.get(session.name)!, session);
      if (session.endBasis === 'timeout') timedOut++;
    }
  }
  return { users: [...totals.values()], sessions: timedOut };
}
