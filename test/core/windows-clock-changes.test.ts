import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY, formatInstant } from '../../src/core/time.ts';
import type { Windows } from '../../src/core/windows.ts';
import { clocked, rfc, stepOf, windowAt } from '../support/clocked.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Windows', () => {
  test('are 25 on a day of 25 hours, two of them with the same label', () => {
    const starts = startsOf('1h', 'Europe/Berlin', '2021-10-31', '2021-11-01');
    assert.equal(starts.length, 25);
    assert.deepEqual(starts.slice(1, 5), [
      '2021-10-31T01:00:00+02:00',
      '2021-10-31T02:00:00+02:00',
      '2021-10-31T02:00:00+01:00',
      '2021-10-31T03:00:00+01:00',
    ]);
  });

  test('are 23 on a day of 23 hours', () => {
    const starts = startsOf('1h', 'Europe/Berlin', '2021-03-28', '2021-03-29');
    assert.equal(starts.length, 23);
    assert.deepEqual(starts.slice(1, 3), [
      '2021-03-28T01:00:00+01:00',
      '2021-03-28T03:00:00+02:00',
    ]);
  });

  test('keep their labels where they are hours longer or shorter', () => {
    for (const [date, hours] of [
      ['2021-10-31', 7],
      ['2021-03-28', 5],
    ] as const) {
      const windows = clocked('6h', 'Europe/Berlin');
      const { start, end } = windows.at(midnight(date, 'Europe/Berlin'));
      assert.equal(end - start, hours * HOUR);
      assert.match(formatInstant(end, 'Europe/Berlin'), /T06:00/);
    }
  });

  test('last half an hour longer where clocks are put back by that', () => {
    const starts = startsOf('1h', 'Australia/Lord_Howe', '2021-04-04', '2021-04-05');
    assert.equal(starts.length, 24);
    assert.deepEqual(starts.slice(1, 3), [
      '2021-04-04T01:00:00+11:00',
      '2021-04-04T02:00:00+10:30',
    ]);
  });

  test('begin a day without a midnight when it begins', () => {
    const [zone, start] = ['America/Sao_Paulo', '2017-10-15T01:00:00-02:00'];
    const ends = { '1h': 2, '6h': 6, '12h': 12 };
    for (const [every, hour] of Object.entries(ends)) {
      const end = `2017-10-15T${String(hour).padStart(2, '0')}:00:00-02:00`;
      assert.deepEqual(windowAt(every, zone, start), [start, end]);
    }
    assert.deepEqual(windowAt('1d', zone, start), [start, '2017-10-16T00:00:00-02:00']);
  });

  test('know no day that was skipped', () => {
    for (const every of ['1d', '12h', '1h']) {
      const starts = startsOf(every, 'Pacific/Apia', '2011-12-29', '2012-01-01');
      assert.deepEqual(
        starts.filter((start) => start.includes('T00')),
        ['2011-12-29T00:00:00-10:00', '2011-12-31T00:00:00+14:00'],
      );
    }
  });

  test('show no midnight twice where dates do not, and do where clocks do', () => {
    const days = startsOf('1d', 'America/Havana', '2021-11-07', '2021-11-08');
    assert.deepEqual(days, ['2021-11-07T00:00:00-04:00']);
    assert.deepEqual(startsOf('12h', 'America/Havana', '2021-11-07', '2021-11-08'), [
      '2021-11-07T00:00:00-04:00',
      '2021-11-07T00:00:00-05:00',
      '2021-11-07T12:00:00-05:00',
    ]);
  });

  test('give a date that is shown again to the day that has begun', () => {
    // Clocks went from a minute past midnight to 23:01 of the day before.
    const again = '2010-11-07T03:00:00Z';
    assert.equal(rfc(Date.parse(again), 'America/St_Johns'), '2010-11-06T23:30:00-03:30');
    assert.deepEqual(windowAt('1d', 'America/St_Johns', again), [
      '2010-11-07T00:00:00-02:30',
      '2010-11-08T00:00:00-03:30',
    ]);
  });

  test('are those of a walk through every minute around changes of clocks', () => {
    const changes = {
      'Europe/Berlin': ['2021-03-28', '2021-10-31'],
      'Australia/Lord_Howe': ['2021-04-04', '2021-10-03'],
      'Antarctica/Troll': ['2021-03-28', '2021-10-31'],
      'America/Sao_Paulo': ['2017-10-15', '2018-02-18'],
      'America/St_Johns': ['2010-03-14', '2010-11-07'],
      'America/Havana': ['2021-03-14', '2021-11-07'],
      'America/Caracas': ['2007-12-09', '2016-05-01'],
      'America/Toronto': ['1919-03-31'],
      'Pacific/Apia': ['2011-12-30'],
      'Pacific/Kwajalein': ['1969-10-01', '1993-08-21'],
      'Asia/Kathmandu': ['1986-01-01'],
      'Asia/Pyongyang': ['2015-08-15', '2018-05-05'],
    };
    for (const [zone, dates] of Object.entries(changes)) {
      for (const date of dates) {
        const from = Date.parse(date) - 3 * DAY;
        const walk = minutes(zone, from, from + 6 * DAY);
        for (const every of ['1m', '15m', '20m', '45m', '1h', '90m', '6h', '12h', '1d', '1w']) {
          const windows = clocked(every, zone);
          const starts = every.match(/[dw]/)
            ? datesBegun(walk, every === '1w')
            : intervalsBegun(walk, stepOf(every));
          const where = `${every} ${zone} ${date}`;
          assert.deepEqual(listed(windows, starts[0]!, starts.at(-1)!), starts, where);
          assert.equal(windows.between(starts[0]!, starts.at(-1)!), starts.length - 1, where);
        }
      }
    }
  });

  test('are counted over 500 years of changing clocks', () => {
    const [from, to] = [
      midnight('1970-01-01', 'Europe/Berlin'),
      midnight('2466-01-01', 'Europe/Berlin'),
    ];
    const counted = (every: string) => clocked(every, 'Europe/Berlin').between(from, to);
    assert.equal(counted('10s'), (to - from) / 10_000);
    assert.equal(counted('6h'), ((to - from) / DAY) * 4);
    assert.equal(counted('1d'), (to - from) / DAY);
    assert.equal(counted('1mo'), 496 * 12);
  });
});

/** The labels of the windows of some dates. */
function startsOf(every: string, zone: string, from: string, to: string): string[] {
  const starts = listed(clocked(every, zone), midnight(from, zone), midnight(to, zone));
  return starts.slice(0, -1).map((start) => rfc(start, zone));
}

/** The starts of windows from one to another, which is the last. */
function listed(windows: Windows, from: number, to: number): number[] {
  const starts = [windows.at(from).start];
  while (starts.at(-1)! < to) starts.push(windows.at(starts.at(-1)!).end);
  return starts;
}

interface Minute {
  readonly at: number;
  /** What the clock shows, as minutes. */
  readonly shown: number;
}

function minutes(zone: string, from: number, to: number): Minute[] {
  const clock = clockOf(zone);
  const walk: Minute[] = [];
  for (let at = from; at < to; at += MINUTE) {
    walk.push({ at, shown: Date.parse(`${clock.format(at)}Z`) / MINUTE });
  }
  return walk;
}

/** Where a walk meets or passes over a multiple of so many ms; where clocks are put back, only where it meets one. */
function intervalsBegun(walk: readonly Minute[], stepMs: number): number[] {
  const step = stepMs / MINUTE;
  const starts = walk.slice(1).filter(({ shown }, i) => {
    for (let label = walk[i]!.shown + 1; label < shown; label++)
      if (label % step === 0) return true;
    return shown % step === 0;
  });
  return starts.map(({ at }) => at);
}

/** Where a walk meets a date, or a week, for the first time. */
function datesBegun(walk: readonly Minute[], weeks: boolean): number[] {
  // Day 4 was a Monday.
  const unitOf = ({ shown }: Minute) => Math.floor(weeks ? (shown / 1440 - 4) / 7 : shown / 1440);
  let latest = unitOf(walk[0]!);
  const starts: number[] = [];
  for (const minute of walk) {
    if (unitOf(minute) > latest) starts.push(minute.at);
    latest = Math.max(latest, unitOf(minute));
  }
  return starts;
}

/** Not by Temporal. */
function clockOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    ...({ year: 'numeric', month: '2-digit', day: '2-digit' } as const),
    ...({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const),
  });
}

function midnight(date: string, zone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
}
