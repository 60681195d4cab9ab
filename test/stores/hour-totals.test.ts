import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { addMinutes, addPackedTotals, noTotals, packTotals } from '../../src/stores/hour-totals.ts';
import { Damaged } from '../../src/stores/packed.ts';

const count = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 2 ** 52 }));
const totals = fc
  .array(count, { minLength: 24, maxLength: 24 })
  .map((counts) => Float64Array.from(counts));

describe('the hours of a day', () => {
  test('are added to those of any range, as far as they lie in it', () => {
    fc.assert(
      fc.property(totals, fc.integer({ min: -30, max: 30 }), fc.nat(40), (day, first, length) => {
        const into = new Float64Array(length).fill(1);
        addPackedTotals(packTotals(day), into, first);
        const expected = Array.from(into, (_, hour) => 1 + (day[hour - first] ?? 0));
        assert.deepEqual([...into], expected);
      }),
    );
  });

  test('are added up from minutes', () => {
    const day = noTotals();
    const minute = Uint16Array.from([0, 59, 60, 1439]);
    addMinutes(day, { minute, count: Float64Array.from([1, 2, 4, 8]), values: undefined });
    assert.deepEqual([day[0], day[1], day[22], day[23]], [3, 4, 0, 8]);
  });

  test('are refused when they are damaged', () => {
    const bytes = packTotals(noTotals());
    bytes[0]!++;
    assert.throws(() => addPackedTotals(bytes, noTotals()), Damaged);
  });
});
