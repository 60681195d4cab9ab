import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Aggregation } from '../../../src/core/aggregation.ts';
import { StateJoiner } from '../../../src/pipeline/batch/state-joiner.ts';

/** The order shows in the state. */
const words: Aggregation<string, string> = {
  zero: () => '',
  add: () => {},
  merge: (earlier, later) => earlier + later,
  finish: (state) => state,
  save: (state) => [state],
  load: (saved) => (saved as [string])[0],
};

describe('StateJoiner', () => {
  test('joins states in the order of the log, in whatever order they come', () => {
    const orders = fc
      .integer({ min: 1, max: 26 })
      .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }));
    fc.assert(
      fc.property(orders, (order) => {
        const joiner = new StateJoiner(words as Aggregation<unknown, unknown>);
        for (const index of order) joiner.take(index, index, letter(index));
        assert.equal(joiner.joined(), order.map((_, index) => letter(index)).join(''));
      }),
    );
  });

  test('joins states of many segments', () => {
    const joiner = new StateJoiner(words as Aggregation<unknown, unknown>);
    joiner.take(5, 6, 'FG');
    joiner.take(0, 2, 'ABC');
    joiner.take(3, 4, 'DE');
    assert.equal(joiner.joined(), 'ABCDEFG');
  });

  test('joins neighbours at once, so that few states wait', () => {
    const merged: string[] = [];
    const watched = {
      ...words,
      merge: (earlier: string, later: string) => {
        merged.push(`${earlier}+${later}`);
        return earlier + later;
      },
    };
    const joiner = new StateJoiner(watched as Aggregation<unknown, unknown>);
    for (const index of [0, 2, 3, 1]) joiner.take(index, index, letter(index));
    assert.equal(merged.length, 3);
    assert.equal(merged[0], 'C+D');
  });

  test('is the state of nothing where there is nothing', () => {
    assert.equal(new StateJoiner(words as Aggregation<unknown, unknown>).joined(), '');
  });

  test('takes a segment that is missing for a bug', () => {
    const joiner = new StateJoiner(words as Aggregation<unknown, unknown>);
    for (const index of [0, 2]) joiner.take(index, index, letter(index));
    assert.throws(() => joiner.joined(), /a segment is missing/);
  });
});

function letter(index: number): string {
  return String.fromCharCode(65 + index);
}
