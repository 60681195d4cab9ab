import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../src/core/event-batch.ts';
import { EventList } from '../../src/core/event-list.ts';
import { minuteGroups } from '../../src/stores/minute-groups.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const events = fc.array(
  fc.record({
    subject: fc.nat(3),
    type: fc.nat(2),
    time: fc
      .tuple(fc.integer({ min: -2, max: 2 }), fc.constantFrom(0, 1, 59_999, MINUTE, DAY - 1))
      .map(([day, ms]) => day * DAY + ms),
  }),
);

describe('minuteGroups', () => {
  test('has each event once, in its minute of a day of its subject and type', () => {
    fc.assert(
      fc.property(events, (some) => {
        const batch = new EventBatch();
        for (const [i, { subject, type, time }] of some.entries()) {
          batch.subject[i] = subject;
          batch.type[i] = type;
          batch.time[i] = time;
        }
        batch.length = some.length;
        const list = new EventList(['type']);
        list.append(batch);
        const found = new Map<string, number>();
        const days = new Set<string>();
        for (const { subject, type, day, minute, count } of minuteGroups(list)) {
          const key = `${subject} ${type} ${day}`;
          assert.ok(!days.has(key), 'a day is one group');
          days.add(key);
          assert.deepEqual(
            [...minute],
            [...new Set(minute)].sort((a, b) => a - b),
          );
          for (const [i, at] of minute.entries()) found.set(`${key} ${at}`, count[i]!);
        }
        const expected = new Map<string, number>();
        for (const { subject, type, time } of some) {
          const day = Math.floor(time / DAY);
          const key = `${subject} ${type} ${day} ${Math.floor((time - day * DAY) / MINUTE)}`;
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        assert.deepEqual([...found].sort(), [...expected].sort());
      }),
    );
  });
});
