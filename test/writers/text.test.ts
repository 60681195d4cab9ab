import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { text } from '../../src/writers/text.ts';
import { HOSTILE_TEXTS, rendered } from '../support/tables.ts';

describe('text', () => {
  test('writes one row a line, single spaces, no header', async () => {
    const columns = (['text', 'integer', 'seconds', 'decimal', 'clock'] as const).map((kind) => ({
      name: kind,
      kind,
    }));
    const rows = [
      [
        ['ALICE99', 4, 240_000n, '0.60', 50_523_000],
        ['CHARLIE', 2n ** 64n, 37_500, '12345678901234567890.1', 0],
      ],
      [['constructor', 0, 0, '0', 1]],
    ];
    assert.equal(
      await rendered(text, { columns, rows }),
      'ALICE99 4 240 0.60 14:02:03\nCHARLIE 18446744073709551616 37.5 12345678901234567890.1 00:00:00\nconstructor 0 0 0 00:00:00.001\n',
    );
  });

  test('shows a cell without a value as a dash', async () => {
    assert.equal(await rendered(text, { rows: [[['', null]]] }), '- -\n');
  });

  test('writes nothing for no rows, in however many portions they come', async () => {
    assert.equal(await rendered(text, { rows: [] }), '');
    assert.equal(await rendered(text, { rows: [[], []] }), '');
    assert.equal(await rendered(text, { rows: [[], [['A', 1]], []] }), 'A 1\n');
  });

  test('lets no cell begin a line, move the cursor or change colours', async () => {
    const columns = [{ name: 'name', kind: 'text' } as const];
    const rows = [HOSTILE_TEXTS.map((name) => [name])];
    const lines = (await rendered(text, { columns, rows })).split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(lines.length, HOSTILE_TEXTS.length);
    for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u);
  });

  test('leaves a sum at the end to people', async () => {
    assert.equal(await rendered(text, { rows: [[['A', 1]]], total: ['total', 1] }), 'A 1\n');
  });
});
