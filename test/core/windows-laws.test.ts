import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DAY } from '../../src/core/time.ts';
import { Windows } from '../../src/core/windows.ts';
import { clocked, stepOf } from '../support/clocked.ts';

describe('Windows', () => {
  test('divide all of time', () => {
    fc.assert(
      fc.property(arbitraryWindows(), arbitraryTime(), ([windows], time) => {
        const window = windows.at(time);
        assert.ok(window.start <= time && time < window.end);
        assert.deepEqual(windows.at(window.start), window);
        if (window.end <= 2 ** 53) {
          assert.deepEqual(windows.at(window.end - 1), window);
          assert.equal(windows.at(window.end).start, window.end);
        }
        if (window.start > -(2 ** 53)) assert.equal(windows.at(window.start - 1).end, window.start);
      }),
      { numRuns: 2000 },
    );
  });

  test('show a multiple of the interval nowhere but at their start', () => {
    const parts = ['10s', '15m', '1h', '6h', '12h'];
    fc.assert(
      fc.property(
        fc.constantFrom(...parts),
        fc.constantFrom(...ZONES),
        fc.integer({ min: -3e12, max: 6e12 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (every, zone, time, part) => {
          const { start, end } = clocked(every, zone).at(time);
          const inside = start + Math.floor(part * (end - start));
          if (inside > start) assert.notEqual(shown(inside, zone) % stepOf(every), 0);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('are counted as they are walked', () => {
    fc.assert(
      fc.property(
        arbitraryWindows(),
        arbitraryTime(),
        fc.integer({ min: 0, max: 100 }),
        ([windows], time, steps) => {
          const from = windows.at(time).start;
          let to = from;
          for (let i = 0; i < steps; i++) to = windows.at(to).end;
          if (to <= 2 ** 53) assert.equal(windows.between(from, to), steps);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('are counted to the last', () => {
    for (const zone of ['UTC', 'Europe/Berlin']) {
      const windows = clocked('1s', zone);
      const [from, to] = [windows.at(2 ** 53 - 5000).start, windows.at(2 ** 53).end];
      assert.equal(windows.between(from, to), (to - from) / 1000);
    }
  });

  test('are counted at once over any gap', () => {
    fc.assert(
      fc.property(
        arbitraryWindows(),
        fc.tuple(arbitraryTime(), arbitraryTime(), arbitraryTime()),
        ([windows], times) => {
          const starts = times.map((time) => windows.at(time).start).sort((a, b) => a - b);
          const [a, b, c] = starts as [number, number, number];
          assert.equal(windows.between(a, c), windows.between(a, b) + windows.between(b, c));
          assert.equal(windows.between(a, a), 0);
        },
      ),
      { numRuns: 50 },
    );
  });
});

const ZONES = [
  ...['UTC', 'Etc/UTC', '+05:30', 'Europe/Berlin', 'Australia/Lord_Howe', 'America/St_Johns'],
  ...['America/Juneau', 'America/Havana', 'Pacific/Apia', 'Asia/Manila', 'Asia/Kathmandu'],
];

/** Windows of all kinds. */
function arbitraryWindows(): fc.Arbitrary<[Windows, string]> {
  const intervals = fc.constantFrom('1s', '10s', '45m', '1h', '6h', '12h', '1d', '1w', '1mo');
  const clock = fc
    .tuple(intervals, fc.constantFrom(...ZONES))
    .map(([every, zone]): [Windows, string] => [clocked(every, zone), `${every} ${zone}`]);
  const first = fc
    .tuple(fc.constantFrom('1s', '7s', '1h', '3d', '2w'), fc.maxSafeInteger())
    .map(([every, origin]): [Windows, string] => {
      const windows = new Windows({ every, align: 'first', zone: 'UTC' });
      windows.origin = origin;
      return [windows, `${every} from ${origin}`];
    });
  return fc.oneof({ weight: 3, arbitrary: clock }, first);
}

/** Mostly times of logs; also when zones were strange, where calendars end, and beyond. */
function arbitraryTime(): fc.Arbitrary<number> {
  const edge = 99_999_000 * DAY;
  return fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: -5e12, max: 6e12 }) },
    fc.integer({ min: Date.UTC(2011, 11, 27), max: Date.UTC(2012, 0, 3) }),
    fc.integer({ min: Date.UTC(1844, 11, 25), max: Date.UTC(1845, 0, 5) }),
    fc.integer({ min: Date.UTC(1867, 9, 14), max: Date.UTC(1867, 9, 22) }),
    fc.integer({ min: edge - 40 * DAY, max: edge + 40 * DAY }),
    fc.integer({ min: -edge - 40 * DAY, max: -edge + 40 * DAY }),
    fc.maxSafeInteger(),
    fc.constantFrom(-(2 ** 53), -8.64e15, -1, 0, 8.64e15),
  );
}

/** What the clock shows, as ms. */
function shown(at: number, zone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return at + local.offsetNanoseconds / 1e6;
}
