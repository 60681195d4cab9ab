import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KnownInputs } from '../../src/sources/known-inputs.ts';

const MANY = 25_000;
const markOf = (rank: number, ended: boolean) => ({
  rank,
  name: `${rank}.log`,
  identity: `1:${rank}`,
  position: 1 + rank,
  digest: '',
  lines: 1,
  ended,
  head: '00',
});

describe('KnownInputs', () => {
  test('remembers the latest of what has ended, and all that has not', () => {
    const open = Array.from({ length: 10 }, (_, i) => markOf(i, false));
    const known = new KnownInputs(open, 0);
    for (let rank = 10; rank < MANY; rank++) known.remember(markOf(rank, true));
    const marks = known.marks([]);
    assert.deepEqual(marks.slice(0, 10), open);
    assert.deepEqual(
      marks.slice(10).map(({ rank }) => rank),
      Array.from({ length: 10_000 }, (_, i) => MANY - 10_000 + i),
    );
    assert.ok(known.alike('00', 0).past.length <= 20_010);
    assert.equal(known.takeRank(), 10);
  });
});
