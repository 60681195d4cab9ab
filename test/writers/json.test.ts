import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { json } from '../../src/writers/json.ts';
import { HOSTILE_TEXTS, rendered, tableOf } from '../support/tables.ts';

const KEYS = ['report', 'parameters', 'columns', 'rows', 'books', 'notes'];

describe('json', () => {
  test('is one object with report, parameters, columns, rows, books and notes', async () => {
    const books = { ...tableOf({}).books, read: 3, counted: 1, rejected: { constructor: 2 } };
    const parameters = { inputs: ['a"b.log'], rate: '0.10', explain: true, threads: 2 };
    const notes = [{ code: 'total', message: 'adds up to "0.40"', amount: '0.40', rows: 1 }];
    const found = JSON.parse(await rendered(json, { parameters, books, notes }));
    assert.deepEqual(Object.keys(found), KEYS);
    assert.deepEqual(found, {
      report: 'bill',
      parameters,
      columns: tableOf({}).columns,
      rows: [{ name: 'ALICE99', sessions: 4 }],
      books,
      notes,
    });
  });

  test('is whole without rows, in however many portions they come', async () => {
    for (const rows of [[], [[]], [[], []]]) {
      const found = JSON.parse(await rendered(json, { rows }));
      assert.deepEqual([Object.keys(found), found.rows], [KEYS, []]);
    }
  });

  test('reads back as it was, whatever is in the cells', async () => {
    const cell = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary' }));
    const row = fc.tuple(cell, fc.option(fc.maxSafeInteger()));
    const portions = fc.array(fc.array(row, { maxLength: 4 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(portions, async (rows) => {
        const found = JSON.parse(await rendered(json, { rows }));
        const expected = rows.flat().map(([name, sessions]) => ({ name, sessions }));
        assert.deepEqual(found.rows, expected);
      }),
      { numRuns: 200 },
    );
  });

  test('rounds nothing', async () => {
    const columns = (['integer', 'decimal', 'seconds', 'instant'] as const).map((kind) => ({
      name: kind,
      kind,
    }));
    const rows = [[[2n ** 64n + 1n, '0.10', 9_007_199_254_740_993_001n, 0]]];
    assert.match(
      await rendered(json, { columns, rows }),
      /\{"integer":18446744073709551617,"decimal":"0\.10","seconds":9007199254740993\.001,"instant":"1970-01-01T00:00:00Z"\}/,
    );
  });
});
