import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Damaged, Packer, Unpacker } from '../../src/stores/packed.ts';

const GREATEST = 2 ** 53;
const number = fc.oneof(
  fc.integer({ min: -GREATEST + 1, max: GREATEST - 1 }),
  fc.integer({ min: -300, max: 300 }),
  fc.constantFrom(0, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, GREATEST, -GREATEST),
);
const numbers = fc.array(number, { maxLength: 20 });
const long = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -300n, max: 300n }),
  fc.constantFrom(2n ** 52n, -(2n ** 52n), 2n ** 52n + 1n, -(2n ** 63n)),
);

describe('packed columns', () => {
  test('are read as they were', () => {
    const column = fc.oneof(
      fc.record({ kind: fc.constantFrom('numbers' as const, 'steps' as const), values: numbers }),
      fc.record({ kind: fc.constant('longs' as const), values: fc.array(long) }),
      fc.record({ kind: fc.constant('raw' as const), values: fc.uint8Array() }),
    );
    fc.assert(
      fc.property(fc.array(column, { maxLength: 5 }), fc.nat(3), (columns, skipped) => {
        const packer = new Packer();
        packer.raw(Buffer.from('forgotten'));
        packer.clear();
        for (const { kind, values } of columns) {
          const from = Math.min(skipped, values.length);
          if (kind === 'raw') packer.raw(values);
          else if (kind === 'longs') packer.longs(BigInt64Array.from(values), from, values.length);
          else packer[kind](values, from, values.length);
        }
        packer.seal();
        const unpacker = new Unpacker(packer.bytes.slice());
        unpacker.checkSeal();
        for (const { kind, values } of columns) {
          const expected = values.slice(Math.min(skipped, values.length));
          if (kind === 'raw') assert.deepEqual([...unpacker.raw()], [...values]);
          else {
            const read: (number | bigint)[] = [];
            if (kind === 'longs') unpacker.longs(read as bigint[], expected.length);
            else unpacker[kind](read as number[], expected.length);
            assert.deepEqual(read, [...expected]);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('take no more than their numbers need', () => {
    const sizeOf = (column: number[], kind: 'numbers' | 'steps' = 'numbers') => {
      const packer = new Packer();
      packer[kind](column, 0, column.length);
      return packer.bytes.length;
    };
    assert.equal(sizeOf([1e15, 1e15, 1e15]), 9);
    assert.equal(sizeOf([1e15, 1e15 + 255]), 9 + 2);
    assert.equal(sizeOf([-1, 65_534]), 9 + 4);
    assert.equal(sizeOf([0, 65_536]), 1 + 8);
    assert.equal(sizeOf([7, 8]), 2 + 2);
    assert.equal(sizeOf([300, 300]), 3);
    assert.equal(sizeOf([70_000, 2 ** 32 + 70_000]), 5 + 16);
    assert.equal(sizeOf([1e15, 1e15 + 500, 1e15 + 1000], 'steps'), 9 + 3);
  });

  test('grow beyond any first room', () => {
    const packer = new Packer();
    const column = Array.from({ length: 100_000 }, (_, i) => i * 2 ** 32);
    packer.numbers(column, 0, column.length);
    const read: number[] = [];
    new Unpacker(packer.bytes).numbers(read, column.length);
    assert.deepEqual(read, column);
  });

  test('tell where a bit was lost', () => {
    const packer = new Packer();
    packer.numbers([1, 2, 300], 0, 3);
    packer.seal();
    const sealed = packer.bytes.slice();
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const damaged = Uint8Array.from(sealed);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => new Unpacker(damaged).checkSeal(), Damaged);
    }
    for (let length = 0; length < sealed.length; length++)
      assert.throws(() => new Unpacker(sealed.subarray(0, length)).checkSeal(), Damaged);
  });
});
