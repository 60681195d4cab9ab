import { cellText, withoutControls } from '../core/cell.ts';
import type { Writer } from '../core/writer.ts';

/** One row a line, single spaces, no header: for shells. An empty cell is `-`, a blank in one is `_`. */
export const text: Writer<string> = {
  summary: 'One row a line with single spaces and no header.',
  mediaType: 'text/plain; charset=utf-8',
  async *render(table) {
    for await (const rows of table.rows) {
      if (rows.length === 0) continue;
      const lines = rows.map((row) =>
        row.map((cell, i) => plain(cellText(cell, table.columns[i]!, table))).join(' '),
      );
      yield `${lines.join('\n')}\n`;
    }
  },
};

function plain(cell: string): string {
  if (/^[!-~]+$/.test(cell)) return cell; // Nearly all; what follows takes much longer.
  return cell === '' ? '-' : withoutControls(cell).replaceAll(/\s/gu, '_');
}
