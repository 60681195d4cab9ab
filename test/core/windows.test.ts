import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import { DAY, formatInstant } from '../../src/core/time.ts';
import { Windows } from '../../src/core/windows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Windows', () => {
  test('begin with the clock', () => {
    assert.deepEqual(windowAt('10s', 'UTC', '2021-03-01T14:02:03.040Z'), [
      '2021-03-01T14:02:00Z',
      '2021-03-01T14:02:10Z',
    ]);
    assert.deepEqual(windowAt('6h', 'UTC', '2021-03-01T14:02:03Z'), [
      '2021-03-01T12:00:00Z',
      '2021-03-01T18:00:00Z',
    ]);
    assert.deepEqual(windowAt('1h', 'Asia/Kolkata', '2021-03-01T14:02:03Z'), [
      '2021-03-01T19:00:00+05:30',
      '2021-03-01T20:00:00+05:30',
    ]);
  });

  test('hold their start but not their end', () => {
    const windows = clocked('1h', 'UTC');
    assert.deepEqual(windows.at(HOUR), { start: HOUR, end: 2 * HOUR });
    assert.deepEqual(windows.at(HOUR - 1), { start: 0, end: HOUR });
    assert.deepEqual(windows.at(-1), { start: -HOUR, end: 0 });
    assert.deepEqual(windows.at(-HOUR), { start: -HOUR, end: 0 });
  });

  test('are the dates, the weeks from Monday and the months of a zone', () => {
    const at = '2021-02-28T23:30:00Z'; // a Sunday, in Berlin Monday
    assert.deepEqual(windowAt('1d', 'UTC', at), ['2021-02-28T00:00:00Z', '2021-03-01T00:00:00Z']);
    assert.deepEqual(windowAt('1w', 'UTC', at), ['2021-02-22T00:00:00Z', '2021-03-01T00:00:00Z']);
    assert.deepEqual(windowAt('1mo', 'UTC', at), ['2021-02-01T00:00:00Z', '2021-03-01T00:00:00Z']);
    const march = '2021-03-01T00:00:00+01:00';
    assert.deepEqual(windowAt('1d', 'Europe/Berlin', at), [march, '2021-03-02T00:00:00+01:00']);
    assert.deepEqual(windowAt('1w', 'Europe/Berlin', at), [march, '2021-03-08T00:00:00+01:00']);
    assert.deepEqual(windowAt('1mo', 'Europe/Berlin', at), [march, '2021-04-01T00:00:00+02:00']);
  });

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

  test('are counted from the first record, whatever the zone', () => {
    const zone = 'Europe/Berlin';
    const origin = Date.parse('2021-10-30T12:00:03.040Z');
    for (const [every, ms] of [
      ['10s', 10_000],
      ['7s', 7000],
      ['1d', DAY],
      ['2w', 14 * DAY],
    ] as const) {
      const windows = new Windows({ every, align: 'first', zone });
      windows.origin = origin;
      assert.deepEqual(windows.at(origin), { start: origin, end: origin + ms });
      assert.deepEqual(windows.at(origin - 1), { start: origin - ms, end: origin });
      assert.equal(windows.between(origin - 3 * ms, origin + 4 * ms), 7);
    }
  });

  test('are not counted from nowhere', () => {
    assert.throws(
      () => new Windows({ every: '10s', align: 'first', zone: 'UTC' }).at(0),
      TypeError,
    );
  });

  test('are refused where they are none of the clock', () => {
    const texts = [
      '',
      '1',
      'h',
      '0s',
      '0d',
      '7s',
      '5h',
      '24h',
      '48h',
      '2d',
      '7d',
      '2w',
      '2mo',
      '1y',
    ];
    for (const every of [...texts, '-1h', '1.5h', '1H', ' 1h', '1h30m', '9'.repeat(400)]) {
      refused(
        () => clocked(every, 'UTC'),
        /is no interval of the clock; write .*10s.*1d, 1w or 1mo/,
      );
    }
  });

  test('are refused where they are none from the first record on', () => {
    for (const every of ['', '0s', '1mo', '1y', '10', `${2 ** 53}s`, `${'9'.repeat(400)}s`]) {
      refused(
        () => new Windows({ every, align: 'first', zone: 'UTC' }),
        /is no interval from the first record on; write .*10s.*2w/,
      );
    }
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

function clocked(every: string, zone: string): Windows {
  return new Windows({ every, align: 'clock', zone });
}

function windowAt(every: string, zone: string, at: string): string[] {
  const { start, end } = clocked(every, zone).at(Date.parse(at));
  return [rfc(start, zone), rfc(end, zone)];
}

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

/** What the clock shows, as ms. */
function shown(at: number, zone: string): number {
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone);
  return at + local.offsetNanoseconds / 1e6;
}

function stepOf(every: string): number {
  return (
    Number.parseInt(every, 10) * { s: 1000, m: MINUTE, h: HOUR }[every.at(-1) as 's' | 'm' | 'h']
  );
}

function midnight(date: string, zone: string): number {
  return Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;
}

function rfc(at: number, zone: string): string {
  return formatInstant(at, zone);
}

function refused(make: () => unknown, message: RegExp): void {
  assert.throws(make, (error) => {
    assert.ok(error instanceof DaybookError && error.code === 'USAGE');
    assert.match(error.message, message);
    return true;
  });
}
