import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DAY, parseDate, parseDuration, parseZone } from '../../src/core/time.ts';
import { refused } from '../support/refused.ts';

const HOUR = 3_600_000;

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
