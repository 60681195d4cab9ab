import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type DayShifts, dayShifts } from '../../src/databases/day-shifts.ts';

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'],
  ...['Pacific/Apia', 'America/Sao_Paulo', 'Africa/Casablanca', 'Pacific/Kiritimati'],
];
const zone = fc.constantFrom(...ZONES);
const date = fc
  .integer({ min: 0, max: 26_000 })
  .map((days) => Temporal.PlainDate.from('1970-01-01').add({ days }));

/** The date that the shifts find for a time. */
function dateOf({ shifts }: DayShifts, time: number): string {
  const { shiftMs } = shifts.find(({ before }) => time < before)!;
  return new Date(time + shiftMs).toISOString().slice(0, 10);
}

describe('day shifts', () => {
  test('find the date of any instant', () => {
    fc.assert(
      fc.property(
        zone,
        date,
        fc.nat(40),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (...drawn) => {
          const [zone, first, days, part] = drawn;
          const shifts = dayShifts(datesOf(first, days), zone, 'UTC');
          const time = Math.floor(shifts.from + part * (shifts.to - 1 - shifts.from));
          const instant = Temporal.Instant.fromEpochMilliseconds(time);
          assert.equal(
            dateOf(shifts, time),
            instant.toZonedDateTimeISO(zone).toPlainDate().toString(),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('find the date of any time on the clock of another zone, around its changes, too', () => {
    fc.assert(
      fc.property(
        zone,
        zone,
        date,
        fc.integer({ min: -200, max: 200 }),
        fc.boolean(),
        (...drawn) => {
          const [zone, timeZone, first, minutes, atChange] = drawn;
          const shifts = dayShifts(datesOf(first, 400), zone, timeZone);
          const change = first
            .toZonedDateTime(timeZone)
            .getTimeZoneTransition('next')
            ?.toPlainDateTime();
          const near =
            (atChange ? change : undefined) ?? first.add({ days: 200 }).toPlainDateTime();
          const local = near.add({ minutes });
          const time = local.toZonedDateTime('UTC').epochMilliseconds;
          if (time < shifts.from || time >= shifts.to) return;
          // On its own clock the date of a time is what it shows, also on a day that was skipped.
          const expected =
            zone === timeZone
              ? local.toPlainDate()
              : local.toZonedDateTime(timeZone).withTimeZone(zone).toPlainDate();
          assert.equal(dateOf(shifts, time), expected.toString());
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('hold every time of the dates', () => {
    for (const zone of ZONES) {
      const { from, to } = dayShifts({ first: '2024-02-29', last: '2024-02-29' }, zone, 'UTC');
      const start = Temporal.PlainDate.from('2024-02-29').toZonedDateTime(zone);
      assert.ok(from <= start.epochMilliseconds && start.add({ days: 1 }).epochMilliseconds <= to);
    }
  });

  test('are few: as many as offsets in the time', () => {
    const year = { first: '2023-01-01', last: '2023-12-31' };
    assert.equal(dayShifts(year, 'UTC', 'UTC').shifts.length, 1);
    assert.equal(dayShifts(year, 'Europe/Berlin', 'UTC').shifts.length, 3);
    assert.equal(dayShifts(year, 'Europe/Berlin', 'Europe/Berlin').shifts.length, 1);
  });
});

function datesOf(first: Temporal.PlainDate, days: number): { first: string; last: string } {
  return { first: first.toString(), last: first.add({ days }).toString() };
}
