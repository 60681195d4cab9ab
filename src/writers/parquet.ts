import type { ByteWriter, SchemaElement } from 'hyparquet-writer';
import { cellText } from '../core/cell.ts';
import { DaybookError } from '../core/errors.ts';
import type { Cell, Column, Row, Table } from '../core/table.ts';
import type { Writer } from '../core/writer.ts';

/** Rows that are written, and so in memory, at a time. */
const GROUP_ROWS = 100_000;

/**
 * Apache Parquet. Seconds are exact decimals, instants are in UTC; what JSON has besides the rows stands as JSON
 * in the file's metadata, under `daybook`.
 */
export const parquet: Writer<Uint8Array> = {
  summary: 'Apache Parquet, for databases and data frames; parameters, books and notes inside.',
  mediaType: 'application/vnd.apache.parquet',
  async *render(table) {
    const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
    const { zstdCompressSync } = await import('node:zlib');
    const { columns } = table;
    const writer = new ByteWriter();
    const file = new ParquetWriter({
      writer,
      schema: [{ name: table.report, num_children: columns.length }, ...columns.map(elementOf)],
      codec: 'ZSTD',
      compressors: { ZSTD: zstdCompressSync },
      createdBy: 'daybook',
    });
    for await (const rows of groupsOf(table)) {
      const columnData = columns.map((column, i) => ({
        name: column.name,
        data: rows.map((row) => storedOf(row[i] ?? null, column, table)),
      }));
      await file.write({ columnData, rowGroupSize: GROUP_ROWS });
      yield takenFrom(writer);
    }
    const { report, parameters, books, notes } = table; // not before the rows were read
    const value = JSON.stringify({ report, parameters, columns, books, notes });
    file.kvMetadata = [{ key: 'daybook', value }];
    await file.finish();
    yield takenFrom(writer);
  },
};

/** The rows in portions of `GROUP_ROWS`. */
async function* groupsOf({ rows: portions }: Table): AsyncGenerator<readonly Row[]> {
  let group: Row[] = [];
  for await (const rows of portions) {
    for (const row of rows) {
      group.push(row);
      if (group.length < GROUP_ROWS) continue;
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** A column in Parquet's words: the types of old readers (`converted_type`) and of new ones. */
function elementOf({ name, kind }: Column): SchemaElement {
  const number = { name, type: 'INT64', repetition_type: 'OPTIONAL' } as const;
  switch (kind) {
    case 'integer':
      return number;
    case 'seconds': {
      const digits = { precision: 18, scale: 3 };
      const logical_type = { type: 'DECIMAL', ...digits } as const;
      return { ...number, converted_type: 'DECIMAL', ...digits, logical_type };
    }
    case 'instant': {
      const logical_type = { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } as const;
      return { ...number, converted_type: 'TIMESTAMP_MILLIS', logical_type };
    }
    default:
      return {
        ...number,
        type: 'BYTE_ARRAY',
        converted_type: 'UTF8',
        logical_type: { type: 'STRING' },
      };
  }
}

function storedOf(cell: Cell, column: Column, table: Table): string | bigint | null {
  if (cell === null) return null;
  const { name, kind } = column;
  if (kind !== 'integer' && kind !== 'seconds' && kind !== 'instant')
    return cellText(cell, column, table);
  const value = BigInt(cell);
  const limit = kind === 'seconds' ? 10n ** 18n : 2n ** 63n;
  if (-limit < value && value < limit) return value;
  throw new DaybookError(
    'DESTINATION_UNWRITABLE',
    `${cellText(cell, column, table)} in ${name} has too many digits for parquet; write csv`,
  );
}

/** What was written since the last time; its memory is used again. */
function takenFrom(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}
