import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import type { ColumnKind, Row, Table } from '../../src/core/table.ts';
import { parquet } from '../../src/writers/parquet.ts';
import { type Stored, stored } from '../support/parquet.ts';
import { HOSTILE_TEXTS, tableOf } from '../support/tables.ts';

const KINDS = ['text', 'integer', 'decimal', 'seconds', 'instant', 'clock'] as const;
const COLUMNS = KINDS.map((kind) => ({ name: kind, kind }));
const LOOKS = { spreadsheetSafe: false, color: false };

describe('parquet', () => {
  test('writes every kind of cell as a type that keeps all its digits', async () => {
    const rows = [
      [
        ['Zoë', 2n ** 63n - 1n, '12345678901234567890.10', -1n, 1_614_556_800_123, 50_523_000],
        [null, null, null, null, null, null],
        ['', -(2 ** 53), '0', 999_999_999_999_999_999n, -(2 ** 53), 0],
      ],
    ];
    const { schema, rows: found } = await written({ columns: COLUMNS, rows });
    assert.deepEqual(schema, [
      'text: OPTIONAL BYTE_ARRAY UTF8 STRING',
      'integer: OPTIONAL INT64',
      'decimal: OPTIONAL BYTE_ARRAY UTF8 STRING',
      'seconds: OPTIONAL INT64 DECIMAL DECIMAL scale=3 precision=18',
      'instant: OPTIONAL INT64 TIMESTAMP_MILLIS TIMESTAMP isAdjustedToUTC=true unit=MILLIS',
      'clock: OPTIONAL BYTE_ARRAY UTF8 STRING',
    ]);
    assert.deepEqual(found, [
      ['Zoë', 2n ** 63n - 1n, '12345678901234567890.10', -1n, 1_614_556_800_123n, '14:02:03'],
      [null, null, null, null, null, null],
      ['', -(2n ** 53n), '0', 999_999_999_999_999_999n, -(2n ** 53n), '00:00:00'],
    ]);
  });

  test('shows clocks in the zone of the report, as csv does, and instants in UTC', async () => {
    const table = { columns: COLUMNS.slice(4), rows: [[[0, 0]]], zone: 'Asia/Kolkata' };
    assert.deepEqual((await written(table)).rows, [[0n, '05:30:00']]);
  });

  test('has the columns and no rows for a report without rows', async () => {
    for (const rows of [[], [[], []]]) {
      const found = await written({ rows });
      assert.deepEqual([found.schema.length, found.rows], [2, []]);
    }
  });

  test('reads back as it was, whatever is in the cells', async () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary' }));
    const integer = fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n });
    const row = fc.tuple(fc.option(text), fc.option(integer));
    const portions = fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(portions, async (rows) => {
        const expected = rows
          .flat()
          .map(([name, number]) => [name?.toWellFormed() ?? null, number]);
        assert.deepEqual((await written({ rows })).rows, expected);
      }),
      { numRuns: 200 },
    );
  });

  test('takes columns called as they like', async () => {
    const names = ['constructor', '__proto__', 'a.b', 'a b', 'Zoë', ''];
    const columns = names.map((name) => ({ name, kind: 'text' as const }));
    const { schema, rows } = await written({ columns, rows: [[names]] });
    assert.deepEqual(
      schema,
      names.map((name) => `${name}: OPTIONAL BYTE_ARRAY UTF8 STRING`),
    );
    assert.deepEqual(rows, [names]);
  });

  test('keeps parameters, columns, books and notes, as they are behind the rows', async () => {
    const parameters = { inputs: ['a"b.log'], rate: '0.10' };
    const notes = [{ code: 'total', message: 'adds up to "0.40"', amount: '0.40' }];
    let { books } = tableOf({});
    const table = {
      ...tableOf({ parameters, notes }),
      rows: (function* () {
        yield [['ALICE99', 4]];
        books = { ...books, read: 3, counted: 1, rejected: { constructor: 2 } };
      })(),
      get books() {
        return books;
      },
    };
    const bytes = Buffer.concat(await Array.fromAsync(parquet.render(table, LOOKS)));
    const { metadata } = await stored(bytes);
    assert.deepEqual(Object.keys(metadata), ['daybook']);
    const { columns } = table;
    const expected = { report: 'bill', parameters, columns, books, notes };
    assert.deepEqual(JSON.parse(metadata['daybook']!), expected);
    assert.equal(books.read, 3);
  });

  test('writes 250,000 rows in groups as they come', async () => {
    let made = 0;
    const rows = (function* (): Generator<Row[]> {
      while (made < 250_000) {
        const length = Math.min(999, 250_000 - made);
        yield Array.from({ length }, () => [`u${made % 7919}`, made++]);
      }
    })();
    const pieces: Uint8Array[] = [];
    const madeAt: number[] = [];
    for await (const piece of parquet.render(tableOf({ rows }), LOOKS)) {
      pieces.push(piece);
      madeAt.push(made);
    }
    assert.deepEqual(madeAt, [100_899, 200_799, 250_000, 250_000]);
    const found = await stored(Buffer.concat(pieces));
    assert.deepEqual(found.groupSizes, [100_000, 100_000, 50_000]);
    assert.equal(found.rows.length, 250_000);
    for (const [i, row] of found.rows.entries())
      if (row[0] !== `u${i % 7919}` || row[1] !== BigInt(i)) assert.fail(`row ${i} is ${row}`);
  });

  test('is the same bytes for the same report', async () => {
    const rows = [HOSTILE_TEXTS.map((name, i) => [name, i])];
    const [once, again] = await Promise.all([bytesOf({ rows }), bytesOf({ rows })]);
    assert.deepEqual(once, again);
  });

  for (const [kind, cell, shown] of [
    ['integer', 2n ** 63n, '9223372036854775808'],
    ['seconds', -(10n ** 18n), '-1000000000000000'],
  ] as [ColumnKind, bigint, string][]) {
    test(`refuses ${kind} that it could not write whole`, async () => {
      const table = { columns: [{ name: 'sum', kind }], rows: [[[cell]]] };
      await assert.rejects(bytesOf(table), (error: unknown) => {
        assert.ok(error instanceof DaybookError && error.code === 'DESTINATION_UNWRITABLE');
        assert.equal(error.message, `${shown} in sum has too many digits for parquet; write csv`);
        return true;
      });
    });
  }
});

async function bytesOf(table: Partial<Table>): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(parquet.render(tableOf(table), LOOKS)));
}

async function written(table: Partial<Table>): Promise<Stored> {
  return stored(await bytesOf(table));
}
