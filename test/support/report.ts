import type { Books } from '../../src/core/books.ts';
import type { Report } from '../../src/core/report.ts';
import type { Row } from '../../src/core/table.ts';
import { runReport } from '../../src/pipeline/batch/run-report.ts';
import type { ScanOptions } from '../../src/pipeline/batch/scan.ts';

/** A report as plain data. */
export interface ShownReport {
  readonly rows: readonly Row[];
  readonly books: Books;
  /** Their codes. */
  readonly notes: readonly string[];
}

/** Runs a report through the library, in one thread unless told otherwise. */
export async function shownReport<Result>(
  opening: Promise<Report<Result>>,
  options: Partial<ScanOptions> = {},
): Promise<ShownReport> {
  let shown: ShownReport | undefined;
  await runReport(await opening, { threads: 1, ...options }, async (table) => {
    const portions = await Array.fromAsync(table.rows);
    const notes = table.notes.map(({ code }) => code);
    shown = { rows: portions.flat(), books: table.books, notes };
  });
  return shown!;
}
