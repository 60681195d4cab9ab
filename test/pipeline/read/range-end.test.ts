import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { BLOCK_BYTES, RangeEnd } from '../../../src/pipeline/read/range-end.ts';

const UNTIL = 1000;
const TORN = Date.UTC(2466, 0, 1);
const WHOLE = {
  bytes: new Uint8Array(0),
  ...{ end: 0, ended: false, offset: 0, line: 1, blank: 0 },
};

describe('RangeEnd', () => {
  test('ends a block behind the record that holds its last byte', () => {
    const lengths = fc.oneof(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: BLOCK_BYTES - 3, max: 3 * BLOCK_BYTES }),
    );
    fc.assert(
      fc.property(fc.array(lengths, { minLength: 1, maxLength: 40 }), (sizes) => {
        const log = Buffer.concat(sizes.map((size) => Buffer.from(`${'x'.repeat(size - 1)}\n`)));
        const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, size) => sum + size));
        const rangeEnd = new RangeEnd(UNTIL);
        for (let at = 0; at < log.length; ) {
          const border = (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES;
          const expected = ends.find((end) => end >= border) ?? log.length;
          assert.equal(rangeEnd.blockEnd({ ...WHOLE, bytes: log }, at, log.length), expected);
          at = expected;
        }
      }),
    );
  });

  test('ends blocks at the same bytes, whatever part of the input is in memory', () => {
    const log = Buffer.from(`${'x'.repeat(99)}\n`.repeat(1000));
    const whole = new RangeEnd(UNTIL).blockEnd({ ...WHOLE, bytes: log }, 20_000, log.length);
    for (const offset of [100, 9900, 16_300, 20_000]) {
      const chunk = { ...WHOLE, bytes: log.subarray(offset), offset };
      const end = new RangeEnd(UNTIL).blockEnd(chunk, 20_000 - offset, log.length - offset);
      assert.equal(end + offset, whole);
    }
  });

  test('is reached where two records in a row are behind the range', () => {
    assert.equal(isReached([[999, UNTIL, UNTIL]]), true);
    assert.equal(isReached([[UNTIL, UNTIL, 3]]), true);
    assert.equal(isReached([[UNTIL], [UNTIL + 9, 3]]), true);
    assert.equal(isReached([[999, UNTIL, 999, UNTIL, 999]]), false);
  });

  test('is not reached by a torn record alone', () => {
    assert.equal(isReached([[1, TORN, 2]]), false);
    assert.equal(isReached([[TORN, 2, TORN]]), false);
    assert.equal(isReached([[1, TORN, TORN]]), true);
  });

  test('is reached when the block is through, not in the middle of it', () => {
    const rangeEnd = new RangeEnd(UNTIL);
    const log = Buffer.from(`${'x'.repeat(BLOCK_BYTES / 2 - 1)}\n`.repeat(4));
    const chunk = { ...WHOLE, bytes: log };
    const batch = batchOf([UNTIL, UNTIL]);
    assert.equal(rangeEnd.blockEnd(chunk, 0, log.length), BLOCK_BYTES);
    assert.equal(rangeEnd.isReached(chunk, BLOCK_BYTES / 2, batch, 0), false);
    assert.equal(rangeEnd.blockEnd(chunk, BLOCK_BYTES / 2, log.length), BLOCK_BYTES);
    assert.equal(rangeEnd.isReached(chunk, BLOCK_BYTES, batch, 2), true);
  });

  test('takes two records in a row only where both begin in one block', () => {
    const rangeEnd = new RangeEnd(UNTIL);
    const log = Buffer.from(`${'x'.repeat(BLOCK_BYTES - 1)}\n`.repeat(3));
    const chunk = { ...WHOLE, bytes: log };
    for (const at of [0, BLOCK_BYTES, 2 * BLOCK_BYTES]) {
      const end = rangeEnd.blockEnd(chunk, at, log.length);
      assert.equal(rangeEnd.isReached(chunk, end, batchOf([UNTIL]), 0), false);
    }
  });

  test('looks at new events of a batch only', () => {
    const rangeEnd = new RangeEnd(UNTIL);
    const log = Buffer.from(`${'x'.repeat(BLOCK_BYTES - 1)}\n`);
    const chunk = { ...WHOLE, bytes: log };
    rangeEnd.blockEnd(chunk, 0, log.length);
    assert.equal(rangeEnd.isReached(chunk, log.length, batchOf([UNTIL, UNTIL, 5]), 2), false);
  });
});

/** Whether a block is the last whose records are decoded in such portions. */
function isReached(portions: readonly (readonly number[])[]): boolean {
  const rangeEnd = new RangeEnd(UNTIL);
  const log = Buffer.from(`${'x'.repeat(BLOCK_BYTES - 1)}\n`);
  const chunk = { ...WHOLE, bytes: log };
  let reached = false;
  for (const [i, times] of portions.entries()) {
    assert.equal(rangeEnd.blockEnd(chunk, i, log.length), log.length);
    const at = i === portions.length - 1 ? log.length : i + 1;
    reached = rangeEnd.isReached(chunk, at, batchOf(times), 0);
  }
  return reached;
}

function batchOf(times: readonly number[]): EventBatch {
  const batch = new EventBatch();
  batch.time.set(times);
  batch.length = times.length;
  return batch;
}
