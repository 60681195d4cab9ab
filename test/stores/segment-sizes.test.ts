import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { joinable, sizeOf } from '../../src/stores/segment-sizes.ts';

describe('stretches that are joined', () => {
  test('are few at any time, and each line is written anew a few times only', () => {
    const arbitrarySize = fc.constantFrom(0, 1, 2, 7, 8, 60, 100, 500, 700, 4000, 5000);
    const some = fc.array(fc.tuple(arbitrarySize, fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 6,
    });
    const property = fc.property(some, (turns) => {
      const commits = turns.flatMap(([size, count]) => new Array<number>(count).fill(size));
      const many = Array.from({ length: 30 }, () => commits).flat();
      let sizes: number[] = [];
      let [lines, written] = [0, 0];
      for (const size of many) {
        lines += size;
        sizes = [size, ...sizes];
        const count = joinable(sizes);
        const joined = sizes.slice(0, count).reduce((sum, each) => sum + each, 0);
        written += joined;
        if (count > 0) sizes = [joined, ...sizes.slice(count)];
        const whole = sizes.findIndex((each) => each >= 4096);
        assert.ok((whole < 0 ? sizes.length : whole) <= 28);
      }
      assert.ok(written <= 12 * lines, `${written} of ${lines}`);
    });
    fc.assert(property);
  });

  test('are large by their lines, or by their bytes', () => {
    assert.deepEqual([sizeOf(7, 1023), sizeOf(7, 9 << 10), sizeOf(0, 4 << 20)], [7, 9, 4096]);
    assert.equal(joinable(new Array(8).fill(4096)), 0);
    assert.equal(joinable(new Array(8).fill(4095)), 8);
  });
});
