import { rowJson } from '../core/cell.ts';
import type { Writer } from '../core/writer.ts';

/** The rows alone, one JSON object a line. */
export const ndjson: Writer<string> = {
  summary: 'One JSON object a row, one row a line.',
  mediaType: 'application/x-ndjson',
  async *render(table) {
    for await (const rows of table.rows)
      yield rows.map((row) => `${rowJson(row, table)}\n`).join('');
  },
};
