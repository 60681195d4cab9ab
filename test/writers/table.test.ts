import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { table } from '../../src/writers/table.ts';
import { textWidth } from '../../src/writers/text-width.ts';
import { HOSTILE_TEXTS, rendered } from '../support/tables.ts';

describe('table', () => {
  test('puts text to the left and numbers to the right, under a header', async () => {
    const columns = [
      { name: 'name', kind: 'text' },
      { name: 'seconds', kind: 'seconds' },
      { name: 'amount', kind: 'decimal' },
      { name: 'currency', kind: 'text' },
    ] as const;
    const rows = [
      [
        ['ALICE99', 240_000, '0.60', 'EUR'],
        ['Zoë', 1500, '12345678901234567890.00', null],
      ],
    ];
    assert.equal(
      await rendered(table, { columns, rows, total: ['total', 241_500, '1', 'EUR'] }),
      `${[
        'name     seconds                   amount  currency',
        '───────  ───────  ───────────────────────  ────────',
        'ALICE99      240                     0.60  EUR',
        'Zoë          1.5  12345678901234567890.00',
        '───────  ───────  ───────────────────────  ────────',
        'total      241.5                        1  EUR',
      ].join('\n')}\n`,
    );
  });

  test('sums up only what is more than one row', async () => {
    const total = ['total', 1];
    assert.doesNotMatch(await rendered(table, { rows: [[['A', 1]]], total }), /total/);
    assert.match(await rendered(table, { rows: [[['A', 1]], [['B', 0]]], total }), /\ntotal +1\n$/);
  });

  test('shows the header of a table without rows', async () => {
    const empty = 'name  sessions\n────  ────────\n';
    assert.equal(await rendered(table, { rows: [] }), empty);
    assert.equal(await rendered(table, { rows: [[], []], total: ['total', 0] }), empty);
  });

  test('writes all rows of a long table, the last ones too', async () => {
    const names = Array.from({ length: 2500 }, (_, i) => `user${i}`);
    for (const size of [1, 999, 1000, 1001, 2500]) {
      const portions = names
        .values()
        .map((name) => [name, 1])
        .toArray();
      const rows = Array.from({ length: Math.ceil(names.length / size) }, (_, i) =>
        portions.slice(i * size, (i + 1) * size),
      );
      const lines = (await rendered(table, { rows, total: ['total', 2500] })).split('\n');
      assert.deepEqual(
        lines.slice(2, -3).map((line) => line.split(' ')[0]),
        names,
      );
    }
  });

  test('keeps to a line a row, whatever is in the cells', async () => {
    const rows = [HOSTILE_TEXTS.map((name) => [name, 1])];
    const lines = (await rendered(table, { rows })).split('\n');
    assert.equal(lines.length, HOSTILE_TEXTS.length + 3);
    for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u);
    const widths = new Set(lines.slice(2, -1).map((line) => textWidth(line)));
    assert.equal(widths.size, 1);
  });

  test('puts wide, combined and invisible characters in columns as a terminal shows them', async () => {
    const names = ['日本', '\u{1f1eb}\u{1f1ee}', 'e\u0301', 'a\u200bb', '\u202eabc'];
    assert.equal(
      await rendered(table, { rows: [names.map((name) => [name, 1])] }),
      `${[
        'name  sessions',
        '────  ────────',
        '日本         1',
        '\u{1f1eb}\u{1f1ee}           1',
        'e\u0301            1',
        'a\u200bb           1',
        '\ufffdabc         1',
      ].join('\n')}\n`,
    );
  });

  test('emphasises header and sum with colours only when asked to', async () => {
    const rows = [
      [
        ['A', 1],
        ['B', 2],
      ],
    ];
    const painted = await rendered(table, { rows, total: ['total', 3] }, { color: true });
    const plain = await rendered(table, { rows, total: ['total', 3] });
    assert.ok(painted.startsWith('\u001b[1mname   sessions\u001b[0m\n'), painted);
    assert.equal(stripVTControlCharacters(painted), plain);
    assert.ok(!plain.includes('\u001b'));
  });
});
