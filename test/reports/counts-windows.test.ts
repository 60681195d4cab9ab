import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../src/core/table.ts';
import { type CountsRequest, openCounts } from '../../src/open/open-counts.ts';
import { filesOf } from '../support/bill.ts';
import { arbitraryChunks, FakeInput, FakeSource, followed } from '../support/fake-live.ts';
import { shownReport } from '../support/report.ts';
import { finalOf, stoppedAndResumed } from '../support/window-reports.ts';

const START = Date.UTC(2021, 2, 1);
const HOUR = 3_600_000;
const SIXTHS: Partial<CountsRequest> = {
  every: '6h',
  valueColumn: '3',
  maxDisorder: '2h',
  maxJump: '1000d',
};

/** Events of a few, up to two hours out of order, some of days later; ids span lines and hold quotes. */
const logs = fc
  .array(
    fc.record({
      hours: fc.oneof(
        { arbitrary: fc.constantFrom(0, 0.1, 1, 2), weight: 9 },
        { arbitrary: fc.constantFrom(8, 31, 400), weight: 1 },
      ),
      behind: fc.nat(2 * HOUR),
      subject: fc.constantFrom('acme', 'constructor', '__proto__', 'umbra'),
      value: fc.constantFrom('1', '-0.25', '9007199254740993'),
      type: fc.constantFrom('login', '"a\n""b"",c"', '"\r\n,,2021-03-01 00:00:00Z\n"'),
    }),
    { maxLength: 40 },
  )
  .map((events) => {
    let high = START + 2 * HOUR;
    return events.map(({ hours, behind, subject, value, type }) => {
      high += Math.round(hours * HOUR);
      const time = new Date(Math.max(START, high - behind)).toISOString();
      return { time: Date.parse(time), row: `${subject},${type},${value},${time}\n` };
    });
  });
const asked = fc.option(fc.constant(['umbra', 'nobody']), { nil: undefined });

describe('windows of counts', () => {
  test('say what a report of their range says', async () => {
    const property = fc.asyncProperty(logs, asked, async (log, subjects) => {
      using files = filesOf({ 'events.csv': log.map(({ row }) => row).join('') });
      const request = { ...SIXTHS, files: files.paths, subjects };
      const { rows, books } = await shownReport(openCounts(request));
      assert.equal(books.late, 0);
      const { every: _, maxJump: _1, ...plain } = request;
      const windows = Map.groupBy(rows, ([start, end, state]) => `${start} ${end} ${state}`);
      for (const [window, own] of windows) {
        const [from, to, ...state] = window.split(' ');
        const found = own.map((row) => row.slice(3));
        const isGap = state[0] === 'gap';
        const whole = isGap ? [] : (await shownReport(openCounts({ ...plain, from, to }))).rows;
        assert.deepEqual(found, whole.length > 0 ? whole : [[null, null, null, null, null]]);
      }
      const total = rows.reduce((sum, row) => sum + Number(row[5]), 0);
      assert.equal(total, books.counted);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('are the same in whatever chunks a CSV grows, also with line ends in its cells', async () => {
    const property = fc.asyncProperty(logs, asked, arbitraryChunks(), async (log, ...others) => {
      const [subjects, chunks] = others;
      const text = log.map(({ row }) => row).join('');
      const request = { ...SIXTHS, subjects, files: [] };
      const input = new FakeInput('events.csv', 0, Buffer.from(text), { chunks });
      const { reports, follower } = await followed(
        openCounts({ ...request, follow: true }),
        new FakeSource([input]),
      );
      using files = filesOf({ 'events.csv': text });
      const { rows, books } = await shownReport(openCounts({ ...request, files: files.paths }));
      assert.deepEqual(
        finalOf(reports).flatMap((report) => report.rows),
        rows,
      );
      assert.equal(follower.books.counted, books.counted);
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('are the same when following is stopped and goes on from what was saved', async () => {
    const stops = fc.tuple(arbitraryChunks(), arbitraryChunks(), fc.nat(20));
    const property = fc.asyncProperty(logs, stops, async (log, [front, back, at]) => {
      const text = log.map(({ row }) => row).join('');
      const open = () => openCounts({ ...SIXTHS, files: [], follow: true });
      const once = await followed(
        open(),
        new FakeSource([new FakeInput('log 0', 0, Buffer.from(text))]),
      );
      const { reports } = await stoppedAndResumed(open, [text], { chunks: [front, back], at });
      assert.deepEqual(finalOf(reports), finalOf(once.reports));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  test('show zeros of an asked subject, in windows without any event, too', async () => {
    const log = 'umbra,x,t,2021-03-01 01:30:00Z\numbra,x,t,2021-03-01 07:00:00Z\n';
    assert.deepEqual(await rowsOf(log, { every: '2h', subjects: ['acme'] }), [
      ...['00-02 final acme 00 0 none', '00-02 final acme 01 0 none'],
      ...['02-04 final acme 02 0 none', '02-04 final acme 03 0 none'],
      ...['04-06 final acme 04 0 none', '04-06 final acme 05 0 none'],
      ...['06-08 final acme 06 0 none', '06-08 final acme 07 0 none'],
    ]);
  });

  test('show a gap of many as one row', async () => {
    const log = 'acme,x,t,2021-03-01 00:30:00Z\nacme,x,t,2021-03-03 01:00:00Z\n';
    const rows = await rowsOf(log, { every: '1h', subjects: ['acme'], maxJump: '9d' });
    assert.deepEqual(rows, [
      '00-01 final acme 00 1 none',
      '01-01 gap of 48    ',
      '01-02 final acme 01 1 none',
    ]);
  });

  test('say which buckets they cut, as does the range', async () => {
    const log = 'acme,x,t,2021-03-01 00:30:00Z\nacme,x,t,2021-03-01 00:59:00Z\n';
    assert.deepEqual(await rowsOf(log, { every: '15m', from: '2021-03-01T00:35:00Z' }), [
      '00-00 final    ',
      '00-01 final acme 00 1 start',
    ]);
  });

  test('tell the start of a bucket from that of a window', async () => {
    const { windowed } = await openCounts({ files: [], every: '1d' });
    const names = windowed!.head.columns.map(({ name }) => name);
    const own = ['subject', 'bucket_start', 'count', 'truncated'];
    assert.deepEqual(names, ['window_start', 'window_end', 'state', ...own]);
  });
});

/** Each row in a line, with times as the hours of UTC. */
async function rowsOf(log: string, request: Partial<CountsRequest>): Promise<string[]> {
  using files = filesOf({ 'events.csv': log });
  const { rows } = await shownReport(openCounts({ ...request, files: files.paths }));
  const hour = (at: Row[number] | undefined) =>
    at === null ? '' : new Date(Number(at)).toISOString().slice(11, 13);
  return rows.map(([start, end, state, subject, bucket, ...others]) =>
    [`${hour(start)}-${hour(end)}`, state, subject, hour(bucket), ...others].join(' '),
  );
}
