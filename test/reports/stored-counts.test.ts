import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { storedCounts } from '../../src/reports/stored-counts.ts';
import { memory } from '../../src/stores/memory/memory.ts';
import { commitOf, EVERY_FIELD } from '../support/commits.ts';

describe('counts out of a store', () => {
  test('let others have their turn while many are added up', async () => {
    const store = memory({});
    await store.addStream(EVERY_FIELD);
    const rows = Array.from({ length: 1200 }, (_, i) => ({ time: i, subject: `h${i}` }));
    await store.commit(commitOf(rows));
    let turns = 0;
    let isDone = false;
    const turn = () => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    setImmediate(turn);
    const options = { ...EVERYTHING, interval: '1h', zone: 'UTC', byType: false, values: false };
    const answer = await storedCounts(store, EVERY_FIELD, options);
    isDone = true;
    assert.equal(answer?.books.counted, 1200);
    assert.ok(turns >= 4, `${turns}`);
  });
});
