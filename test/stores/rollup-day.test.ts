import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DAY, MINUTE } from '../../src/core/time.ts';
import { decimalText } from '../../src/core/value-sums.ts';
import { minuteGroups } from '../../src/stores/minute-groups.ts';
import { type Day, mergeDays, packDay, unpackDay } from '../../src/stores/rollup-day.ts';
import { listOf, type TestRow } from '../support/commits.ts';

const row = fc.record({
  time: fc.oneof(fc.nat(10 * MINUTE), fc.nat(DAY - 1)),
  subject: fc.constant('ant'),
  value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  scale: fc.nat(18),
});
const rows = fc.array(row, { minLength: 1, maxLength: 30 });

describe('a day of minutes', () => {
  test('is the same packed and unpacked', () => {
    fc.assert(
      fc.property(rows, fc.boolean(), (events, hasValues) => {
        const day = dayOf(events, hasValues);
        assert.deepEqual(shown(unpackDay(packDay(day))), shown(day));
      }),
    );
  });

  test('merged with another is the day of all events', () => {
    fc.assert(
      fc.property(rows, rows, fc.boolean(), (some, others, hasValues) => {
        const merged = mergeDays(dayOf(some, hasValues), dayOf(others, hasValues));
        assert.deepEqual(shown(merged), shown(dayOf([...some, ...others], hasValues)));
      }),
    );
  });

  test('has each minute once, in order', () => {
    const times = [DAY - 1, 0, 59_999, 60_000, 0];
    const { minute, count, values } = dayOf(
      times.map((time) => ({ time, subject: 'ant' })),
      false,
    );
    assert.deepEqual([[...minute], [...count], values], [[0, 1, 1439], [3, 1, 1], undefined]);
  });
});

describe('events by subject, type and day', () => {
  test('are of the day of UTC, also before the epoch', () => {
    const times = [-1, 0, -DAY, -DAY - 1, 2 ** 53, -(2 ** 53)];
    const groups = minuteGroups(
      listOf(
        [],
        times.map((time) => ({ time, subject: 'ant' })),
      ),
    );
    const found = groups.map(({ day, minute, count }) => ({
      day,
      minute: [...minute],
      n: count[0],
    }));
    assert.deepEqual(found, [
      { day: -1, minute: [0, 1439], n: 1 },
      { day: 0, minute: [0], n: 1 },
      { day: -2, minute: [1439], n: 1 },
      { day: 104_249_991, minute: [1440 * (2 ** 53 / DAY - 104_249_991)].map(Math.floor), n: 1 },
      { day: -104_249_992, minute: [1440 * (104_249_992 - 2 ** 53 / DAY)].map(Math.floor), n: 1 },
    ]);
  });
});

function dayOf(events: readonly TestRow[], hasValues: boolean): Day {
  const [day, ...others] = minuteGroups(listOf(hasValues ? ['value'] : [], events));
  assert.deepEqual(others, []);
  return day!;
}

/** Totals as decimals: how fine they are kept depends on what they were kept with. */
function shown({ minute, count, values }: Day): unknown {
  const totals = values?.map(({ scale, sum, min, max }) =>
    [sum, min, max].map((digits) => decimalText({ digits, scale })),
  );
  return [[...minute], [...count], totals];
}
