import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  formatInstant,
  parseInstant,
  parseThrough,
  type TimeReading,
} from '../../src/core/time.ts';
import { refused } from '../support/refused.ts';

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

function instant(text: string, reading: Partial<TimeReading> = {}): number {
  return parseInstant(text, { unit: 'ms', ...reading });
}

function through(text: string, reading: Partial<TimeReading> = {}): number {
  return parseThrough(text, { unit: 'ms', ...reading });
}
