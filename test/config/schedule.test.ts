import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cronSchedule, isSchedule } from '../../src/config/schedule.ts';

const at = (text: string) => Date.parse(text);
const shown = (ms: number | undefined) => ms && new Date(ms).toISOString();

describe('a schedule', () => {
  test('tells what is due behind an instant, and up to one, by the clock of its zone', () => {
    const schedule = cronSchedule('0 6 * * *', 'Europe/Berlin');
    const due = at('2026-03-28T05:00:00Z');
    assert.equal(schedule.latest(due), due);
    assert.equal(shown(schedule.latest(due - 1)), '2026-03-27T05:00:00.000Z');
    assert.equal(shown(schedule.next(due)), '2026-03-29T04:00:00.000Z');
    assert.equal(schedule.next(due - 1), due);
  });

  test('is due once a day where clocks skip its time, or show it twice', () => {
    const schedule = cronSchedule('30 2 * * *', 'Europe/Berlin');
    const spring = schedule.next(at('2026-03-28T02:00:00Z'));
    assert.equal(shown(spring), '2026-03-29T01:00:00.000Z');
    assert.equal(shown(schedule.next(spring!)), '2026-03-30T00:30:00.000Z');
    const autumn = schedule.next(at('2026-10-24T02:00:00Z'));
    assert.equal(shown(autumn), '2026-10-25T00:30:00.000Z');
    assert.equal(shown(schedule.next(autumn!)), '2026-10-26T01:30:00.000Z');
  });

  test('has five fields that can be, and is due at some time', () => {
    for (const pattern of ['0 6 * * *', '*/5 8-18 * * MON-FRI', '0 0 29 2 *'])
      assert.ok(isSchedule(pattern), pattern);
    for (const pattern of ['', '@daily', '60 6 * * *', '0 6 31 2 *', '0 0 6 * * *', 'a b c d e'])
      assert.ok(!isSchedule(pattern), pattern);
  });
});
