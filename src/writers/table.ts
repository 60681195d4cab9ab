import { stripVTControlCharacters } from 'node:util';
import { cellText, isNumber, withoutControls } from '../core/cell.ts';
import type { Row, Table } from '../core/table.ts';
import type { Writer } from '../core/writer.ts';

const BOLD = '\u001b[1m';
const DIM = '\u001b[2m';
const RESET = '\u001b[0m';
/** Rows that columns are measured by; those behind a wider cell of a later one are out of line. */
const MEASURED_ROWS = 1000;

/** Aligned columns under a header, for people. */
export const table: Writer<string> = {
  summary: 'Aligned columns with a header, for people.',
  mediaType: 'text/plain; charset=utf-8',
  async *render(report, { color }) {
    const { textWidth } = await import('./text-width.ts'); // Other formats start without it.
    const rows = portionsOf(report);
    const measured: string[][] = [];
    let next = await rows.next();
    for (; !next.done && measured.length < MEASURED_ROWS; next = await rows.next()) {
      for (const row of next.value) measured.push(cellsOf(row, report));
    }
    const header = report.columns.map(({ name }) => name);
    const total = report.total && measured.length > 1 ? cellsOf(report.total, report) : undefined;
    const widths = header.map((name, i) =>
      [...measured, ...(total ? [total] : [])].reduce(
        (width, row) => Math.max(width, textWidth(row[i]!)),
        textWidth(name),
      ),
    );
    const line = (cells: readonly string[]) => {
      const spaces = cells.map((cell, i) => ' '.repeat(Math.max(0, widths[i]! - textWidth(cell))));
      return aligned(cells, spaces, report);
    };
    const rule = widths.map((width) => '─'.repeat(width)).join('  ');
    const paint = (style: string, content: string) =>
      color ? `${style}${content}${RESET}` : content;
    yield `${paint(BOLD, line(header))}\n${paint(DIM, rule)}\n`;
    yield measured.map((cells) => `${line(cells)}\n`).join('');
    for (; !next.done; next = await rows.next()) {
      yield next.value.map((row) => `${line(cellsOf(row, report))}\n`).join('');
    }
    if (total) yield `${paint(DIM, rule)}\n${paint(BOLD, line(total))}\n`;
  },
};

async function* portionsOf({ rows }: Table): AsyncGenerator<readonly Row[]> {
  yield* rows;
}

function cellsOf(row: Row, report: Table): string[] {
  return report.columns.map((column, i) =>
    withoutControls(stripVTControlCharacters(cellText(row[i] ?? null, column, report))),
  );
}

/** Numbers to the right, text to the left. */
function aligned(cells: readonly string[], spaces: readonly string[], { columns }: Table): string {
  const padded = cells.map((cell, i) =>
    isNumber(columns[i]!) || columns[i]!.kind === 'decimal' ? spaces[i] + cell : cell + spaces[i],
  );
  return padded.join('  ').trimEnd();
}
