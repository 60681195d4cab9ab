import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cellText, isNumber, rowJson } from '../../src/core/cell.ts';
import type { Cell, ColumnKind } from '../../src/core/table.ts';

describe('cellText', () => {
  test('writes integers with all their digits', () => {
    assert.equal(textOf('integer', 0), '0');
    assert.equal(textOf('integer', -1), '-1');
    assert.equal(textOf('integer', Number.MAX_SAFE_INTEGER), '9007199254740991');
    assert.equal(textOf('integer', 2n ** 64n + 1n), '18446744073709551617');
  });

  test('writes decimals as they are', () => {
    assert.equal(textOf('decimal', '0.10'), '0.10');
    assert.equal(textOf('decimal', '12345678901234567890.123'), '12345678901234567890.123');
  });

  test('writes milliseconds as seconds with the fraction they have', () => {
    const seconds = {
      '0': '0',
      '1000': '1',
      '1500': '1.5',
      '1050': '1.05',
      '1': '0.001',
      '10': '0.01',
      '100': '0.1',
      '-1': '-0.001',
      '-1500': '-1.5',
      '-60000': '-60',
      '9007199254740993001': '9007199254740993.001',
    };
    for (const [ms, text] of Object.entries(seconds))
      assert.equal(textOf('seconds', BigInt(ms)), text);
    assert.equal(textOf('seconds', 1500), '1.5');
    assert.equal(textOf('seconds', -0), '0');
  });

  test('writes times in the zone of the table', () => {
    assert.equal(textOf('instant', 0), '1970-01-01T05:30:00+05:30');
    assert.equal(textOf('clock', 0), '05:30:00');
  });

  test('writes no value as no text, whatever the column', () => {
    for (const kind of ['text', 'integer', 'decimal', 'seconds', 'instant', 'clock'] as const) {
      assert.equal(textOf(kind, null), '');
    }
  });
});

describe('isNumber', () => {
  test('is true of what JSON shows as a number without rounding it', () => {
    const kinds = ['text', 'integer', 'decimal', 'seconds', 'instant', 'clock'] as const;
    const numbers = kinds.filter((kind) => isNumber({ name: 'x', kind }));
    assert.deepEqual(numbers, ['integer', 'seconds']);
  });
});

describe('rowJson', () => {
  test('names every cell after its column, in their order', () => {
    const columns = [
      { name: '2', kind: 'text' },
      { name: '1', kind: 'integer' },
      { name: '__proto__', kind: 'seconds' },
      { name: 'constructor', kind: 'decimal' },
    ] as const;
    assert.equal(
      rowJson(['say "hi"\n', 2n ** 53n + 1n, 1500n, '0.10'], { columns, zone: 'UTC' }),
      '{"2":"say \\"hi\\"\\n","1":9007199254740993,"__proto__":1.5,"constructor":"0.10"}',
    );
  });

  test('shows no value, and cells that a row lacks, as null', () => {
    const columns = (['text', 'integer', 'clock'] as const).map((kind) => ({ name: kind, kind }));
    assert.equal(
      rowJson([null, null], { columns, zone: 'UTC' }),
      '{"text":null,"integer":null,"clock":null}',
    );
  });
});

function textOf(kind: ColumnKind, cell: Cell): string {
  return cellText(cell, { name: 'x', kind }, { zone: 'Asia/Kolkata' });
}
