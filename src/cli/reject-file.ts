import { once } from 'node:events';
import { extname } from 'node:path';
import { PassThrough } from 'node:stream';
import { DaybookError } from '../core/errors.ts';
import type { Reject, RejectSink } from '../core/rejects.ts';
import type { Row, Table } from '../core/table.ts';
import type { WriteOptions, Writer } from '../core/writer.ts';
import { destinations } from '../destinations/index.ts';
import { writers } from '../writers/index.ts';

const COLUMNS = [
  { name: 'input', kind: 'text' },
  { name: 'line', kind: 'integer' },
  { name: 'offset', kind: 'integer' },
  { name: 'reason', kind: 'text' },
  { name: 'text', kind: 'text' },
] as const;

/** A file of rejects under way. It appears when it is finished. */
export interface RejectFile {
  readonly sink: RejectSink;
  finish(): Promise<void>;
  discard(): Promise<void>;
}

/** Rejects as they look in a file: csv if it is called so, else a JSON object a line. */
export async function rejectText(
  rejects: readonly Reject[],
  path: string,
  looks: WriteOptions,
): Promise<string> {
  const pieces = writerOf(path).render(tableOf([rejects.map(rowOf)]), looks);
  return (await Array.fromAsync(pieces)).join('');
}

/** Opens a file for rejects: csv if it is called so, else a JSON object a line. */
export function openRejectFile(
  path: string,
  { spreadsheetSafe = false }: { spreadsheetSafe?: boolean },
): RejectFile {
  const rows = new PassThrough({ objectMode: true, highWaterMark: 1 });
  rows.on('error', () => {}); // What became of the file is told by `written`.
  const pieces = writerOf(path).render(tableOf(rows), { spreadsheetSafe, color: false });
  const written = destinations.file(path).write(pieces);
  written.catch(() => rows.destroy());
  return {
    async sink(rejects) {
      if (rows.destroyed) return written;
      if (!rows.write(rejects.map(rowOf))) await Promise.race([once(rows, 'drain'), written]);
    },
    finish() {
      rows.end();
      return written;
    },
    async discard() {
      rows.destroy(new Error('discarded'));
      await written.catch(() => {});
    },
  };
}

/** Refuses the first reject. */
export const stopAtFirst: RejectSink = async ([first]) => {
  if (first === undefined) return;
  const { input, line, reason, text } = first;
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  throw new DaybookError(
    'INPUT_REJECTED',
    `${input}:${line}: ${reason}: ${shown}; leave out --strict to go on`,
  );
};

function writerOf(path: string): Writer<string> {
  return extname(path) === '.csv' ? writers.csv : writers.ndjson;
}

/** Of a table, what these writers look at. */
function tableOf(rows: Table['rows']): Table {
  const table: Pick<Table, 'columns' | 'rows' | 'zone'> = { columns: COLUMNS, rows, zone: 'UTC' };
  return table as Table;
}

function rowOf({ input, line, offset, reason, text }: Reject): Row {
  return [input, line, offset, reason, text];
}
