import type { ReportToMake } from '../../src/pipeline/runs/make-report.ts';
import { csv } from '../../src/writers/csv.ts';
import { tableOf } from './tables.ts';

/** A report to make, of one portion of rows, that is fine but for what is said. */
export function reportToMake(
  part: Partial<ReportToMake> & { readonly rows?: readonly (readonly [string, number])[] } = {},
): ReportToMake {
  const { rows = [['ALICE99', 4]], ...rest } = part;
  return {
    report: 'active-users',
    asOf: '2026-03-01',
    keyTemplate: '{report}/{as_of}.csv',
    overwrite: false,
    parameters: { format: 'csv' },
    writer: csv,
    spreadsheetSafe: false,
    open: async () => ({
      parameters: { days: 30 },
      table: tableOf({ rows: [rows], notes: [{ code: 'note', message: 'a note' }] }),
      inputs: () => [{ name: 'users', rows: rows.length, digest: JSON.stringify(rows) }],
      close: async () => {},
    }),
    ...rest,
  };
}
