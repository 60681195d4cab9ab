import { cellText, withoutControls } from '../core/cell.ts';
import type { Cell } from '../core/table.ts';
import type { Writer } from '../core/writer.ts';

/** One row a line, single spaces, no header: for shells. An empty cell is `-`, a blank in one is `_`. */
export const text: Writer<string> = {
  summary: 'One row a line with single spaces and no header.',
  mediaType: 'text/plain; charset=utf-8',
  async *render(table) {
    // Rows repeat what the one before has.
    const shown = table.columns.map(() => ({ cell: undefined as Cell | undefined, text: '' }));
    for await (const rows of table.rows) {
      if (rows.length === 0) continue;
      let lines = '';
      for (const row of rows) {
        for (let i = 0; i < row.length; i++) {
          const cell = row[i]!;
          const last = shown[i]!;
          if (cell !== last.cell) {
            last.cell = cell;
            const text = cellText(cell, table.columns[i]!, table);
            last.text = typeof cell === 'string' || cell === null ? plain(text) : text;
          }
          lines += i === 0 ? last.text : ` ${last.text}`;
        }
        lines += '\n';
      }
      yield lines;
    }
  },
};

function plain(cell: string): string {
  if (/^[!-~]+$/.test(cell)) return cell; // Nearly all; what follows takes much longer.
  return cell === '' ? '-' : withoutControls(cell).replaceAll(/\s/gu, '_');
}
