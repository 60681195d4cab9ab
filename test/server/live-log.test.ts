import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveLog } from '../../src/server/live-log.ts';

const books = (input: number) => ({ event: 'books', source: 'log', input }) as const;

describe('a log of what happened', () => {
  test('keeps at least as many entries as it should, and not many more', () => {
    const log = new LiveLog(1, 10);
    for (let number = 1; number <= 1000; number++) {
      log.add(books(number));
      assert.equal(log.latest, number);
      assert.ok(log.hasSince(Math.max(0, number - 10)));
      assert.ok(!log.hasSince(number - 20) || number < 20);
      assert.deepEqual(log.at(number), books(number));
    }
    assert.deepEqual(log.at(995), books(995));
  });

  test('has the last entry about an input only', () => {
    const log = new LiveLog(1);
    for (const input of [1, 2, 1]) log.add(books(input));
    assert.deepEqual([log.at(1), log.at(2), log.at(3)], [undefined, books(2), books(1)]);
  });

  test('knows its own ids, and those of nobody else', () => {
    const log = new LiveLog(1234);
    assert.equal(log.numberOf(log.idOf(7)), 7);
    for (const id of [
      new LiveLog(1235).idOf(7),
      '7',
      '',
      '-',
      'ya-',
      `${log.idOf(7)}\n`,
      '__proto__-1',
    ])
      assert.equal(log.numberOf(id), undefined, id);
    assert.equal(log.hasSince(1), false);
  });
});
