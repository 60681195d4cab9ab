import type { PairedSession } from '../aggregations/paired-sessions.ts';
import type { SessionResult } from '../aggregations/sessions.ts';
import type { EventStream } from '../core/report.ts';
import type { Cell, Column, Row } from '../core/table.ts';
import { type BillView, count, noSessions, paired, sumOf } from './bill-view.ts';

/** The columns of a bill told session by session. */
export function explainColumns({ undated }: BillView): Column[] {
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
export async function* explainedRows(
  view: BillView,
  result: SessionResult,
  events: EventStream,
): AsyncGenerator<Row[]> {
  const told = noSessions();
  for await (const sessions of paired(view, result, events)) {
    yield sessions.map((session) => explainedRow(view, session));
    for (const session of sessions) count(told, session);
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
    session.startBasis,
    session.endBasis,
    ...(startPlace
      ? [inputs[startPlace.input]!.name, startPlace.line, startPlace.offset]
      : [null, null, null]),
    ...(endPlace
      ? [inputs[endPlace.input]!.name, endPlace.line, endPlace.offset]
      : [null, null, null]),
  ];
}
