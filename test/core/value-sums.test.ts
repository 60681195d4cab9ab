import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Decimal, decimalText, ValueSums } from '../../src/core/value-sums.ts';

const values = fc.record({
  digits: fc.oneof(fc.bigInt({ min: -99n, max: 99n }), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)),
  scale: fc.nat(18),
});
const log = fc.array(fc.tuple(fc.nat(3), values), { maxLength: 40 });

describe('ValueSums', () => {
  test('are exact, whatever scales the values have', () => {
    fc.assert(
      fc.property(log, (entries) => {
        assert.deepEqual(totalsOf(summed(entries)), plainly(entries));
      }),
    );
  });

  test('merge into the totals of all values', () => {
    fc.assert(
      fc.property(log, log, (some, others) => {
        // Rows are numbered as they come, so the first of each is met in order.
        const start = Array.from({ length: 4 }, (_, row) => [row, ONE] as const);
        const sums = summed([...start, ...some]);
        const other = summed([...start, ...others]);
        for (let row = 0; row < 4; row++) sums.merge(row, other.totals(row));
        assert.deepEqual(totalsOf(sums), plainly([...start, ...some, ...start, ...others]));
      }),
    );
  });
});

describe('decimalText', () => {
  for (const [digits, scale, text] of [
    [0n, 0, '0'],
    [0n, 18, '0'],
    [5n, 0, '5'],
    [-5n, 1, '-0.5'],
    [1250n, 2, '12.5'],
    [1200n, 2, '12'],
    [1n, 18, '0.000000000000000001'],
    [-100n, 0, '-100'],
    [2n ** 80n, 3, '1208925819614629174706.176'],
  ] as const) {
    test(`writes ${digits} with ${scale} decimal places as ${text}`, () => {
      assert.equal(decimalText({ digits, scale }), text);
    });
  }
});

const ONE: Decimal = { digits: 1n, scale: 0 };
const PLACES = 18;

/** Sums by row; rows are renumbered in the order in which they come, as those of cells are. */
function summed(entries: readonly (readonly [row: number, value: Decimal])[]): ValueSums {
  const sums = new ValueSums();
  const rows = [...new Set(entries.map(([row]) => row))];
  for (const [row, { digits, scale }] of entries) sums.add(rows.indexOf(row), digits, scale);
  return sums;
}

function totalsOf(sums: ValueSums) {
  return sums.sum.map((_, row) => {
    const { scale, sum, min, max } = sums.totals(row);
    return [sum, min, max].map((digits) => digits * 10n ** BigInt(PLACES - scale));
  });
}

function plainly(entries: readonly (readonly [row: number, value: Decimal])[]) {
  return [...Map.groupBy(entries, ([row]) => row).values()].map((own) => {
    const sorted = own
      .map(([, { digits, scale }]) => digits * 10n ** BigInt(PLACES - scale))
      .sort((a, b) => (a < b ? -1 : 1));
    return [sorted.reduce((sum, value) => sum + value, 0n), sorted[0], sorted.at(-1)];
  });
}
