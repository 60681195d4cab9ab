import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { DAY } from '../../src/core/time.ts';
import { Windows } from '../../src/core/windows.ts';
import { clocked, windowAt } from '../support/clocked.ts';

const HOUR = 3_600_000;

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

function refused(make: () => unknown, message: RegExp): void {
  assert.throws(make, (error) => {
    assert.ok(error instanceof DaybookError && error.code === 'USAGE');
    assert.match(error.message, message);
    return true;
  });
}
