import { rowJson } from '../core/cell.ts';
import type { Writer } from '../core/writer.ts';

/** One JSON object: the report, its parameters and columns, the rows as objects, books and notes. */
export const json: Writer<string> = {
  summary: 'One JSON object with parameters, columns, rows, books and notes.',
  mediaType: 'application/json',
  async *render(table) {
    const { report, parameters, columns } = table;
    const head = JSON.stringify({ report, parameters, columns }).slice(0, -1);
    yield `${head},"rows":[`;
    let separator = '\n';
    for await (const rows of table.rows) {
      if (rows.length === 0) continue;
      yield separator + rows.map((row) => rowJson(row, table)).join(',\n');
      separator = ',\n';
    }
    const { books, notes } = table; // not before the rows were read
    yield `\n],"books":${JSON.stringify(books)},"notes":${JSON.stringify(notes)}}\n`;
  },
};
