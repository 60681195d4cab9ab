import type { Run, RunQuery } from '../core/run-history.ts';
import type { Column, Row, Table } from '../core/table.ts';

const COLUMNS: readonly Column[] = [
  { name: 'run', kind: 'text' },
  { name: 'report', kind: 'text' },
  { name: 'as_of', kind: 'text' },
  { name: 'state', kind: 'text' },
  { name: 'started', kind: 'instant' },
  { name: 'seconds', kind: 'seconds' },
  { name: 'rows', kind: 'integer' },
  { name: 'bytes', kind: 'integer' },
  { name: 'destination', kind: 'text' },
  { name: 'error', kind: 'text' },
];

/** A list of runs, as they come. */
export function runList(runs: readonly Run[], { report, state, limit }: RunQuery): Table {
  const count = runs.length;
  return {
    report: 'runs',
    parameters: { ...(report && { report }), ...(state && { state }), limit },
    columns: COLUMNS,
    rows: [runs.map(rowOf)],
    notes: [],
    books: { ...NOTHING, read: count, counted: count },
    zone: 'UTC',
  };
}

const NOTHING = { rejected: {}, duplicate: 0, conflict: 0, late: 0, filtered: 0 };

function rowOf(run: Run): Row {
  const { id, report, asOf, state, started, finished, rows, sizeBytes, destination, error } = run;
  const duration = finished === undefined ? null : finished - started;
  const size = [rows ?? null, sizeBytes ?? null];
  return [id, report, asOf, state, started, duration, ...size, destination ?? null, error ?? null];
}
