import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import {
  clockOfDay,
  DAY,
  formatClock,
  formatInstant,
  parseDate,
  parseDuration,
  parseInstant,
  parseThrough,
  parseZone,
  type TimeReading,
} from '../../src/core/time.ts';

const MAX_TIME = 2 ** 53;
const HOUR = 3_600_000;

describe('parseInstant', () => {
  test('reads all the ways to write one instant', () => {
    const texts = [
      ...[
        '2021-03-01T00:15:00Z',
        '2021-03-01t00:15:00z',
        '2021-03-01 00:15:00Z',
        '2021-03-01T00:15Z',
      ],
      ...['2021-03-01 00:15:00+00', '2021-03-01 00:15:00+00:00', '2021-03-01T00:15:00-00:00'],
      ...['2021-03-01T01:15:00+01:00', '2021-03-01T05:45:00+0530', '2021-02-28T19:15:00-05'],
      ...['2021-03-01T00:15:00.000Z', '2021-03-01T00:15:00.0Z', '1614557700000'],
    ];
    for (const text of texts) assert.equal(instant(text), 1_614_557_700_000, text);
    const local = ['2021-03-01T01:15:00', '2021-03-01 01:15', '01:15:00', '01:15', '01:15:00.0'];
    const reading = { zone: 'Europe/Berlin', date: '2021-03-01' };
    for (const text of local) assert.equal(instant(text, reading), 1_614_557_700_000, text);
  });

  test('cuts what is finer than a millisecond, never rounds it', () => {
    const instants = {
      '1970-01-01T00:00:00.9999Z': 999,
      '1970-01-01T00:00:00.1239999999999999999999Z': 123,
      '1970-01-01T00:00:00.5Z': 500,
      '1969-12-31T23:59:59.9999Z': -1,
      '1969-12-31T23:59:59.0009Z': -1000,
    };
    for (const [text, ms] of Object.entries(instants)) assert.equal(instant(text), ms, text);
  });

  test('cuts microseconds towards the past, before 1970 too', () => {
    const instants = { '1999': 1, '1000': 1, '999': 0, '0': 0, '-1': -1, '-1000': -1, '-1001': -2 };
    for (const [text, ms] of Object.entries(instants)) {
      assert.equal(instant(text, { unit: 'us' }), ms, text);
    }
  });

  test('reads numbers in their unit, to the last digit', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (number) => {
        const text = String(number);
        const us = BigInt.asIntN(64, BigInt(number));
        assert.equal(
          instant(text, { unit: 'us' }),
          Number((us - (((us % 1000n) + 1000n) % 1000n)) / 1000n),
        );
        assert.equal(instant(text), number);
        const ms = Math.max(-MAX_TIME, Math.min(number * 1000, MAX_TIME));
        assert.equal(instant(text, { unit: 's' }), ms);
      }),
    );
  });

  test('reads back what formatInstant writes, in any zone', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns');
    const since1972 = fc.integer({ min: 63_072_000_000, max: 253_402_214_400_000 });
    fc.assert(
      fc.property(since1972, zones, (ms, zone) => {
        assert.equal(instant(formatInstant(ms, zone)), ms);
      }),
    );
  });

  test('reads a day as its first instant in the zone', () => {
    const starts = {
      UTC: '2021-03-01T00:00:00Z',
      'Europe/Berlin': '2021-02-28T23:00:00Z',
      'America/St_Johns': '2021-03-01T03:30:00Z',
    };
    for (const [zone, start] of Object.entries(starts)) {
      assert.equal(instant('2021-03-01', { zone }), Date.parse(start));
    }
    // Midnight did not exist: clocks went from 24:00 to 01:00.
    const zone = 'America/Sao_Paulo';
    assert.equal(instant('2017-10-15', { zone }), Date.parse('2017-10-15T03:00:00Z'));
  });

  test('takes the earlier of two, and goes over a gap, where clocks change', () => {
    const zone = 'Europe/Berlin';
    assert.equal(instant('2021-10-31T02:30', { zone }), Date.parse('2021-10-31T00:30:00Z'));
    assert.equal(instant('2021-03-28T02:30', { zone }), Date.parse('2021-03-28T01:30:00Z'));
  });

  test('keeps to an offset that is given, whatever the zone', () => {
    const reading = { zone: 'Europe/Berlin', date: '2000-01-01' };
    assert.equal(instant('2021-03-01T00:15:00-01:00', reading), Date.parse('2021-03-01T01:15:00Z'));
  });

  test('refuses a time without a zone', () => {
    for (const text of ['2021-03-01T00:15:00', '2021-03-01 00:15', '2021-03-01']) {
      refused(() => instant(text), /--tz/);
      refused(() => instant(text, { date: '2021-03-01' }), /--tz/);
    }
  });

  test('refuses a time of day without a date', () => {
    refused(() => instant('14:02:03', { zone: 'UTC' }), /is no time/);
  });

  test('refuses times that do not exist', () => {
    const texts = [
      ...[
        '2021-02-30T00:00:00Z',
        '2021-02-29T00:00:00Z',
        '2021-13-01T00:00:00Z',
        '2021-00-01T00:00Z',
      ],
      ...[
        '2021-03-00T00:00:00Z',
        '2021-03-01T24:00:00Z',
        '2021-03-01T23:60:00Z',
        '2021-03-01T25:00Z',
      ],
      ...[
        '2021-03-01T00:00:60Z',
        '2021-03-01T23:59:60.5Z',
        '2021-03-01T00:60Z',
        '2021-03-01T00:00+25',
      ],
      ...['2021-03-01T00:00:00+01:60', '2021-02-30', '24:00', '23:60', '23:59:60', '24:00:00'],
    ];
    for (const text of texts)
      refused(() => instant(text, { zone: 'UTC', date: '2021-03-01' }), /no/);
  });

  test('refuses what is no time, and says how one is written', () => {
    const texts = [
      ...['', ' ', 'now', 'today', '1.5', '1e3', '+5', '--5', '0x10', '١٢٣', '1 614', 'Infinity'],
      ...[
        '2021-3-1T00:00:00Z',
        '21-03-01T00:00:00Z',
        '+002021-03-01T00:00:00Z',
        '2021-03-01T0:00Z',
      ],
      ...[
        '2021-03-01T00Z',
        '2021-03-01T00:00:00.Z',
        '2021-03-01T00:00:00 Z',
        '2021-03-01T00:00:00,5Z',
      ],
      ...[
        '2021-03-01T00:00:00[UTC]',
        '2021-03-01T00:00:00Z ',
        ' 2021-03-01T00:00:00Z',
        '2021-W09-1',
      ],
      ...[
        '20210301T000000Z',
        '2021-03-01Z',
        '2021/03/01',
        '2021-03-01T00:00:00+1',
        'x'.repeat(10_000),
      ],
    ];
    for (const text of texts) {
      refused(() => instant(text, { zone: 'UTC', date: '2021-03-01' }), /is no time; write 2021-/);
    }
  });

  test('reads numbers that no calendar reaches, and cuts seconds where no time can be', () => {
    for (const text of ['8640000000000001', '9007199254740991', '9007199254740992']) {
      assert.equal(instant(text), Number(text));
      assert.equal(instant(`-${text}`), -Number(text));
    }
    assert.equal(instant('9007199254740', { unit: 's' }), 9_007_199_254_740_000);
    assert.equal(instant('9007199254741', { unit: 's' }), MAX_TIME);
    assert.equal(instant('9007199254740992', { unit: 's' }), MAX_TIME);
    assert.equal(instant('-9007199254740992', { unit: 's' }), -MAX_TIME);
    assert.equal(instant('9007199254740992', { unit: 'us' }), 9_007_199_254_740);
    assert.equal(instant('-9007199254740992', { unit: 'us' }), -9_007_199_254_741);
  });

  test('refuses numbers that are not exact', () => {
    for (const unit of ['s', 'ms', 'us'] as const) {
      for (const text of ['9007199254740993', '9'.repeat(400)]) {
        refused(() => instant(text, { unit }), /--time-unit/);
        refused(() => instant(`-${text}`, { unit }), /--time-unit/);
      }
    }
  });
});

describe('parseThrough', () => {
  test('ends behind the instant that is named', () => {
    assert.equal(through('1614557700000'), 1_614_557_700_001);
    assert.equal(through('2021-03-01T00:15:00Z'), 1_614_557_700_001);
    assert.equal(through('1500', { unit: 'us' }), 2);
  });

  test('ends with the day that is named, however long it is', () => {
    const zone = 'Europe/Berlin';
    const lengths = { '2021-03-01': 24, '2021-03-28': 23, '2021-10-31': 25, '2020-02-29': 24 };
    for (const [date, hours] of Object.entries(lengths)) {
      assert.equal(through(date, { zone }) - instant(date, { zone }), hours * HOUR, date);
    }
    assert.equal(through('2021-12-31', { zone: 'UTC' }), Date.parse('2022-01-01T00:00:00Z'));
  });

  test('refuses what parseInstant refuses', () => {
    for (const text of ['2021-02-30', '2021-03-01', '2021-03-01T00:15', 'now']) {
      refused(() => through(text), /./);
    }
  });
});

describe('parseDuration', () => {
  test('reads seconds, minutes, hours and days', () => {
    const durations = {
      '0s': 0,
      '10s': 10_000,
      '5m': 300_000,
      '1h': HOUR,
      '30d': 30 * DAY,
      '007s': 7000,
    };
    for (const [text, ms] of Object.entries(durations)) assert.equal(parseDuration(text), ms, text);
  });

  test('refuses anything else, and says how one is written', () => {
    const texts = [
      '',
      '10',
      's',
      '1.5h',
      '-1s',
      '+1s',
      '1 s',
      ' 1s',
      '1s ',
      '1S',
      '1w',
      '1ms',
      '1h30m',
    ];
    for (const text of [
      ...texts,
      '١s',
      '9007199254740993s',
      `${'9'.repeat(400)}d`,
      '1constructor',
    ]) {
      refused(() => parseDuration(text), /write 10s, 5m, 1h or 30d/);
    }
  });
});

describe('parseZone', () => {
  test('takes names of zones and offsets', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns', '+05:30']) {
      assert.equal(parseZone(zone), zone);
    }
  });

  test('refuses others, and names one', () => {
    for (const text of ['', 'Berlin', 'Europe/Atlantis', 'CEST', '+25:00', 'constructor']) {
      refused(() => parseZone(text), /is no time zone; write one such as/);
    }
  });
});

describe('parseDate', () => {
  test('takes days that exist', () => {
    for (const date of ['2021-03-01', '2024-02-29', '0001-01-01'])
      assert.equal(parseDate(date), date);
  });

  test('refuses others, and writes one', () => {
    for (const text of [
      '',
      '2021-02-29',
      '2021-3-1',
      '20210301',
      '2021-03-01T00:00',
      '+002021-03-01',
    ]) {
      refused(() => parseDate(text), /is no day; write one such as 2021-03-01/);
    }
  });
});

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

function instant(text: string, reading: Partial<TimeReading> = {}): number {
  return parseInstant(text, { unit: 'ms', ...reading });
}

function through(text: string, reading: Partial<TimeReading> = {}): number {
  return parseThrough(text, { unit: 'ms', ...reading });
}

function instantOf(date: string, zone: string, second: number): number {
  const clock = new Date(second * 1000).toISOString().slice(11, 19);
  return Temporal.PlainDateTime.from(`${date}T${clock}`).toZonedDateTime(zone).epochMilliseconds;
}

/** A failure of the user, told in one short line. */
function refused(parse: () => unknown, message: RegExp): void {
  assert.throws(parse, (error) => {
    assert.ok(error instanceof DaybookError && error.code === 'USAGE');
    assert.match(error.message, message);
    assert.ok(error.message.length < 250 && !error.message.includes('\n'));
    return true;
  });
}
