import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FailedKeys } from '../../src/server/failed-keys.ts';

/** How long an address has to wait after so many failures at one instant. */
function waitAfter(failures: FailedKeys, count: number, { address = 'a', now = 0 } = {}): number {
  let wait = 0;
  for (let i = 0; i < count; i++) wait = failures.note(address, now);
  return wait;
}

describe('FailedKeys', () => {
  test('tells how long to wait until the minute is over, and begins anew then', () => {
    const failures = new FailedKeys();
    assert.equal(waitAfter(failures, 100), 0);
    assert.equal(waitAfter(failures, 1, { now: 20_000 }), 40_000);
    assert.equal(waitAfter(failures, 1, { now: 59_999 }), 1);
    assert.equal(waitAfter(failures, 100, { now: 60_000 }), 0);
    assert.equal(waitAfter(failures, 1, { now: 60_000 }), 60_000);
  });

  test('forgets of many addresses those that it has known the longest', () => {
    const failures = new FailedKeys();
    waitAfter(failures, 101);
    for (let i = 0; i < 9_999; i++) waitAfter(failures, 1, { address: `${i}` });
    assert.ok(waitAfter(failures, 1) > 0);
    waitAfter(failures, 1, { address: 'one more' });
    assert.equal(waitAfter(failures, 1), 0);
  });
});
