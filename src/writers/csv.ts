import { cellText, isNumber } from '../core/cell.ts';
import type { Writer } from '../core/writer.ts';

/** RFC 4180 with a header; lines end in CR LF, as there. */
export const csv: Writer<string> = {
  summary: 'Comma-separated values with a header (RFC 4180).',
  mediaType: 'text/csv; charset=utf-8',
  async *render(table, { spreadsheetSafe, header = true }) {
    if (header) yield lineOf(table.columns.map(({ name }) => name));
    for await (const rows of table.rows) {
      const lines = rows.map((row) =>
        lineOf(
          table.columns.map((column, i) => {
            const cell = cellText(row[i] ?? null, column, table);
            return spreadsheetSafe && !isNumber(column) ? defused(cell) : cell;
          }),
        ),
      );
      yield lines.join('');
    }
  },
};

function lineOf(cells: readonly string[]): string {
  return `${cells.map(quoted).join(',')}\r\n`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Text that a spreadsheet would run as a formula, with an apostrophe in front (OWASP, CSV injection). */
function defused(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
