import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareDecimals, decimalOf, quotient } from '../../src/core/decimal.ts';
import { decimalText } from '../../src/core/value-sums.ts';

const decimals = fc.record({
  digits: fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  scale: fc.nat(25),
});

describe('a decimal', () => {
  test('is read as it is written', () => {
    fc.assert(
      fc.property(decimals, (decimal) => {
        assert.equal(compareDecimals(decimalOf(decimalText(decimal))!, decimal), 0);
      }),
    );
  });

  for (const [text, shown] of [
    ['1.50', '1.5'],
    ['-0', '0'],
    ['+007.250', '7.25'],
    ['1.5e3', '1500'],
    ['15E-4', '0.0015'],
    ['-2.5e+1', '-25'],
    ['123456789012345678901234567890.1', '123456789012345678901234567890.1'],
  ] as const)
    test(`${text} is ${shown}`, () => {
      assert.equal(decimalText(decimalOf(text)!), shown);
    });

  for (const text of [
    '',
    '-',
    '.5',
    '5.',
    'NaN',
    'Infinity',
    '0x10',
    '1e',
    '1 ',
    '1,5',
    '1e101',
    '9'.repeat(101),
  ])
    test(`is not ${text.slice(0, 10) || 'nothing'}`, () => {
      assert.equal(decimalOf(text), undefined);
    });

  test('orders as doubles do where these are exact', () => {
    const small = fc.record({ digits: fc.bigInt({ min: -999n, max: 999n }), scale: fc.nat(3) });
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [x, y] = [a, b].map(({ digits, scale }) => Number(digits) * 10 ** (3 - scale));
        assert.equal(compareDecimals(a, b), Math.sign(x! - y!));
      }),
    );
  });
});

describe('a quotient', () => {
  const over = (digits: bigint, by: bigint, places: number) =>
    decimalText(quotient({ digits, scale: 0 }, by, places));

  test('has 19 places of what does not end', () => {
    assert.equal(over(1n, 3n, 19), '0.3333333333333333333');
    assert.equal(over(-2n, 3n, 19), '-0.6666666666666666667');
  });

  test('is rounded to the nearest, of two the even one', () => {
    const tenths = [-35n, -25n, -15n, -5n, 5n, 15n, 25n, 26n, 35n].map((tens) =>
      over(tens, 10n, 0),
    );
    assert.deepEqual(tenths, ['-4', '-2', '-2', '0', '0', '2', '2', '3', '4']);
  });

  test('differs from the true one by half a place at most', () => {
    fc.assert(
      fc.property(decimals, fc.bigInt({ min: 1n, max: 10n ** 12n }), (number, by) => {
        const found = quotient(number, by, 19);
        const off = found.digits * by * 10n ** BigInt(number.scale) - number.digits * 10n ** 19n;
        assert.ok(2n * (off < 0n ? -off : off) <= by * 10n ** BigInt(number.scale));
      }),
    );
  });
});
