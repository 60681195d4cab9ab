import { cellText, isNumber } from '../core/cell.ts';
import type { Cell } from '../core/table.ts';
import type { Writer } from '../core/writer.ts';

/** RFC 4180 with a header; lines end in CR LF, as there. */
export const csv: Writer<string> = {
  summary: 'Comma-separated values with a header (RFC 4180).',
  mediaType: 'text/csv; charset=utf-8',
  async *render(table, { spreadsheetSafe, header = true }) {
    const { columns } = table;
    if (header) yield `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`;
    const textOf = columns.map((column) => {
      if (isNumber(column)) return (cell: Cell) => cellText(cell, column, table);
      // Neighbours are often the same: then what stands in the row before is the text of this one, too.
      let last: Cell = null;
      let shown = '';
      return (cell: Cell) => {
        if (cell === last) return shown;
        const plain = cellText(cell, column, table);
        last = cell;
        shown = quoted(spreadsheetSafe ? defused(plain) : plain);
        return shown;
      };
    });
    for await (const rows of table.rows) {
      let text = '';
      for (const row of rows) {
        for (let i = 0; i < columns.length; i++) {
          if (i > 0) text += ',';
          text += textOf[i]!(row[i] ?? null);
        }
        text += '\r\n';
      }
      yield text;
    }
  },
};

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Text that a spreadsheet would run as a formula, with an apostrophe in front (OWASP, CSV injection). */
function defused(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}
