import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { clockOfDay, formatClock, formatInstant } from '../../src/core/time.ts';

const MAX_TIME = 2 ** 53;
const HOUR = 3_600_000;

describe('formatInstant', () => {
  test('writes RFC 3339 with the offset of the zone', () => {
    const ms = 1_614_557_700_000;
    assert.equal(formatInstant(ms, 'UTC'), '2021-03-01T00:15:00Z');
    assert.equal(formatInstant(ms, 'Europe/Berlin'), '2021-03-01T01:15:00+01:00');
    assert.equal(formatInstant(ms, 'America/St_Johns'), '2021-02-28T20:45:00-03:30');
  });

  test('writes instants in UTC as the calendar of the language does', () => {
    const instants = fc.oneof(
      fc.integer({ min: -8.64e15, max: 8.64e15 }),
      fc.integer().map((s) => s * 1000),
    );
    fc.assert(
      fc.property(instants, (ms) => {
        const instant = Temporal.Instant.fromEpochMilliseconds(ms);
        assert.equal(formatInstant(ms, 'UTC'), instant.toString());
      }),
    );
  });

  test('shows which of two equal clock times is meant', () => {
    const zone = 'Europe/Berlin';
    const first = Date.parse('2021-10-31T00:30:00Z');
    assert.equal(formatInstant(first, zone), '2021-10-31T02:30:00+02:00');
    assert.equal(formatInstant(first + HOUR, zone), '2021-10-31T02:30:00+01:00');
  });

  test('writes the plain number where no calendar reaches', () => {
    assert.equal(formatInstant(8.64e15, 'UTC'), '+275760-09-13T00:00:00Z');
    assert.equal(formatInstant(8.64e15, 'Europe/Berlin'), '+275760-09-13T02:00:00+02:00');
    for (const ms of [8.64e15 + 1, -8.64e15 - 1, MAX_TIME, -MAX_TIME]) {
      assert.equal(formatInstant(ms, 'UTC'), String(ms));
      assert.equal(formatInstant(ms, 'Europe/Berlin'), String(ms));
    }
  });
});

describe('formatClock', () => {
  test('writes the time of day in the zone, with milliseconds only where there are some', () => {
    assert.equal(formatClock(50_523_000, 'UTC'), '14:02:03');
    assert.equal(formatClock(50_523_040, 'UTC'), '14:02:03.040');
    assert.equal(formatClock(-1, 'UTC'), '23:59:59.999');
    assert.equal(formatClock(-1000, 'UTC'), '23:59:59');
    assert.equal(formatClock(0, 'Asia/Kathmandu'), '05:30:00');
  });
});

describe('clockOfDay', () => {
  test('needs no table on a day of 24 hours', () => {
    for (const [date, zone, start] of [
      ['1970-01-01', 'UTC', 0],
      ['2021-03-27', 'Europe/Berlin', Date.parse('2021-03-26T23:00:00Z')],
      ['2021-03-28', '+01:00', Date.parse('2021-03-27T23:00:00Z')],
    ] as const) {
      assert.deepEqual(clockOfDay(date, zone), { start });
    }
  });

  // Where a time is one of two, the earlier; where it is none, as long after the change.
  const days = {
    'of 23 hours': ['2021-03-28', 'Europe/Berlin', 23],
    'of 25 hours': ['2021-10-31', 'Europe/Berlin', 25],
    'of 24.5 hours': ['2021-04-04', 'Australia/Lord_Howe', 24.5],
    'whose clocks change a minute past midnight': ['2007-03-11', 'America/St_Johns', 23],
  } as const;
  for (const [title, [date, zone, hours]] of Object.entries(days)) {
    test(`has the instant of every second of a day ${title}`, () => {
      const { start, instants } = clockOfDay(date, zone);
      assert.equal(instants?.length, 86_400);
      assert.equal(start, instants[0]);
      const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
      assert.equal(clockOfDay(next, zone).start - start, hours * HOUR);
      // Every minute, and every second around midnight and 02:00, when clocks change.
      for (let second = 0; second < 86_400; second++) {
        const seldom = second > 120 && Math.abs(second - 7200) > 60 && second % 60 !== 0;
        if (!seldom) assert.equal(instants[second], instantOf(date, zone, second), `${second}`);
      }
    });
  }

  test('begins a day without a midnight when it begins', () => {
    const { start, instants } = clockOfDay('2017-10-15', 'America/Sao_Paulo');
    assert.equal(start, Date.parse('2017-10-15T03:00:00Z'));
    assert.equal(instants?.[3600], start);
    assert.equal(instants?.[86_399], start + 23 * HOUR - 1000);
  });
});

function instantOf(date: string, zone: string, second: number): number {
  const clock = new Date(second * 1000).toISOString().slice(11, 19);
  return Temporal.PlainDateTime.from(`${date}T${clock}`).toZonedDateTime(zone).epochMilliseconds;
}
