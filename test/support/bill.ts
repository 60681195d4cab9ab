import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Books } from '../../src/core/books.ts';
import type { Reject } from '../../src/core/rejects.ts';
import { type BillRequest, openBill } from '../../src/open/open-bill.ts';
import { runReport } from '../../src/pipeline/batch/run-report.ts';
import type { ScanOptions } from '../../src/pipeline/batch/scan.ts';
import { writers } from '../../src/writers/index.ts';

/** A log to bill: one whole session, and the end of another. */
export const LOG: string = '14:02:03 ALICE99 Start\n14:02:05 CHARLIE End\n14:02:34 ALICE99 End\n';

/** A bill as a user sees it. */
export interface ShownBill {
  readonly lines: readonly string[];
  readonly books: Books;
  readonly notes: readonly string[];
}

/** Bills files through the library, and shows the text and the books. */
export async function bill(
  files: readonly string[],
  request: Partial<BillRequest> = {},
  options: Partial<ScanOptions> = {},
): Promise<ShownBill> {
  let shown: ShownBill | undefined;
  const report = await openBill({ ...request, files });
  await runReport(report, { threads: 1, ...options }, async (table) => {
    const pieces = await Array.fromAsync(
      writers.text.render(table, { spreadsheetSafe: false, color: false }),
    );
    const lines = pieces.join('').split('\n').slice(0, -1);
    shown = { lines, books: table.books, notes: table.notes.map(({ code }) => code) };
  });
  return shown!;
}

/** The rejects of a bill, in the order of the log. */
export async function rejectsOf(
  files: readonly string[],
  options: Partial<ScanOptions> = {},
): Promise<Reject[]> {
  const found: Reject[] = [];
  await bill(files, {}, { ...options, rejects: async (rejects) => void found.push(...rejects) });
  return found;
}

/** A folder of files that vanishes with the scope that holds it. */
export function filesOf(
  contents: Readonly<Record<string, string | Uint8Array>>,
): Disposable & { paths: string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
  const paths = Object.entries(contents).map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  });
  return { paths, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
