import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTop } from '../../../src/open/open-connections.ts';
import { FakeInput, FakeSource, followed } from '../../support/fake-live.ts';
import {
  contentOf,
  finalOf,
  type HostAt,
  lengthsOf,
  logOf,
  minutely,
  shownOf,
  sourceOf,
  stoppedAndResumed,
  T,
} from '../../support/window-reports.ts';

describe('Follower, of one input', () => {
  test('counts what is exactly the disorder late, and calls late what is a millisecond later', async () => {
    const log = logOf([T, 'a'], [T + 70_000, 'b'], [T + 10_000, 'exact'], [T + 9999, 'late']);
    const { reports, follower } = await followed(minutely('1m'), sourceOf(log));
    assert.deepEqual(shownOf(reports), [
      [0, 'provisional', 'a 1'],
      [0, 'final', 'a 1', 'exact 1'],
      [1, 'final', 'b 1'],
    ]);
    const { counted, late } = follower.books;
    assert.deepEqual([counted, late], [3, 1]);
  });

  test('reports a window as provisional when its end has passed, and as final when nothing can change', async () => {
    const records: [time: number, host: string][] = [
      [T, 'a'],
      [T + 59_999, 'a'],
      [T + 60_000, 'b'],
      [T + 59_000, 'late'],
      [T + 119_999, 'b'],
      [T + 120_000, 'c'],
    ];
    const found: unknown[] = [];
    let seen = 0;
    const source = sourceOf(logOf(...records), lengthsOf(logOf(...records)));
    await followed(minutely('1m'), source, {
      onStep({ books }, reports) {
        const fresh = reports.slice(seen);
        seen = reports.length;
        if (fresh.length > 0) found.push([books.read, ...shownOf(fresh)]);
        return undefined;
      },
    });
    assert.deepEqual(found, [
      [3, [0, 'provisional', 'a 2']],
      [6, [0, 'final', 'a 2', 'late 1'], [1, 'provisional', 'b 2']],
      [6, [1, 'final', 'b 2'], [2, 'final', 'c 1']],
    ]);
  });

  test('reports empty windows, and a gap of many as one', async () => {
    for (const [minutes, rows] of [
      [
        3,
        [
          [1, 'final'],
          [2, 'final'],
        ],
      ],
      [25, Array.from({ length: 24 }, (_, i) => [i + 1, 'final'])],
      [26, [[1, 'gap of 25']]],
      [60 * 24 * 365 * 30, [[1, `gap of ${60 * 24 * 365 * 30 - 1}`]]],
    ] as const) {
      const later = T + minutes * 60_000;
      const log = logOf([T, 'a'], [T + 1, 'a'], [later, 'b'], [later + 1, 'b']);
      const { reports } = await followed(minutely('1m'), sourceOf(log));
      const ends = [[0, 'final', 'a 2'], ...rows, [minutes, 'final', 'b 2']];
      assert.deepEqual(shownOf(finalOf(reports)), ends);
    }
  });

  test('ends where the range does', async () => {
    const report = (range: object) =>
      openTop({ ...{ files: [], follow: true, every: '1m', maxDisorder: '10s' }, ...range });
    const records = Array.from({ length: 40 }, (_, i): [number, string] => [T + i * 10_000, 'a']);
    const log = logOf(...records);
    const to = T + 90_000;
    const { reports, follower } = await followed(
      report({ from: String(T - 60_000), to: String(to) }),
      sourceOf(log, lengthsOf(log)),
    );
    assert.deepEqual(shownOf(finalOf(reports)), [
      [-1, 'final'],
      [0, 'final', 'a 6'],
      [1, 'final', 'a 3'],
    ]);
    // The window that holds the end of the range is final at 120 s; that takes a record at 130 s.
    assert.deepEqual([follower.books.read, follower.books.filtered], [14, 5]);
    const empty = report({ from: String(to), to: String(to) });
    assert.deepEqual((await followed(empty, sourceOf(log))).reports, []);
  });

  test('reports the windows of a range in which nothing is', async () => {
    const request = { files: [], follow: true, every: '1m', maxDisorder: '0s' };
    const range = { from: String(T + 60_000), to: String(T + 180_000) };
    const { reports } = await followed(
      openTop({ ...request, ...range }),
      sourceOf(logOf([T, 'a'], [T + 1, 'a'])),
    );
    assert.deepEqual(shownOf(reports), [
      [1, 'final'],
      [2, 'final'],
    ]);
  });

  test('says nothing of no records', async () => {
    for (const log of ['', '\n\n', 'junk\n']) {
      const { reports, follower } = await followed(minutely('1m'), sourceOf(log));
      assert.deepEqual(reports, []);
      assert.equal(follower.books.read, log === 'junk\n' ? 1 : 0);
    }
  });

  test('holds a last line until its end comes, and takes it as it is when no more will come', async () => {
    const log = Buffer.from(logOf([T, 'a'], [T + 1, 'b']).trimEnd());
    const input = new FakeInput('log', 0, log, { shown: log.length - 4 });
    const counted: number[] = [];
    const source = new FakeSource([input], [() => {}, () => input.show()]);
    const { follower } = await followed(minutely('1m'), source, {
      onStep: ({ books }) => void counted.push(books.counted),
    });
    assert.deepEqual(new Set(counted), new Set([1, 2]));
    assert.equal(follower.books.read, 2);
  });

  test('rejects what was truncated before its line end came', async () => {
    const log = Buffer.from(`${logOf([T, 'a'])}${T} a b`);
    const input = new FakeInput('log', 0, log);
    const source = new FakeSource([input], [() => {}, () => input.finish('cut')]);
    const { follower, rejects } = await followed(minutely('1m'), source);
    assert.deepEqual(follower.books.rejected, { truncated: 1 });
    const offset = log.length - `${T} a b`.length;
    assert.deepEqual(rejects, [
      { input: 'log', line: 2, offset, reason: 'truncated', text: `${T} a b` },
    ]);
  });

  test('rejects nothing where a byte order mark is all that was truncated', async () => {
    const input = new FakeInput('log', 0, Buffer.from('\ufeff'));
    const source = new FakeSource([input], [() => {}, () => input.finish('cut')]);
    const { follower } = await followed(minutely('1m'), source);
    assert.deepEqual([follower.books.read, follower.books.rejected], [0, {}]);
  });

  test('rejects a line without end at once, and goes on in the middle of it', async () => {
    const log = `${logOf([T, 'a'])}${'x'.repeat(3 << 20)}\n${logOf([T, 'b'], [T, 'c'])}`;
    const whole = await followed(minutely('1m'), sourceOf(log));
    assert.deepEqual(whole.follower.books.rejected, { 'too long': 1 });
    assert.deepEqual(
      whole.rejects.map(({ line, offset }) => [line, offset]),
      [[2, 18]],
    );
    for (const at of [5, 30, 60]) {
      const open = () => minutely('1m');
      const stopped = await stoppedAndResumed(open, [log], { chunks: [[]], at });
      assert.deepEqual(stopped.reports, whole.reports);
      assert.deepEqual(stopped.books, whole.follower.books);
    }
  });

  test('knows where rejects stand after it went on', async () => {
    const log = `${logOf([T, 'a'])}\njunk\n${T} a b c\n`;
    const { rejects } = await followed(minutely('1m'), sourceOf(log));
    const source = sourceOf(log, lengthsOf(log));
    let steps = 0;
    const front = await followed(minutely('1m'), source, { onStep: () => steps++ === 3 });
    const [input] = source.inputs;
    const rest = new FakeSource([input!.resumed(input!.mark())]);
    const back = await followed(minutely('1m'), rest, { saved: front.follower.save() });
    assert.deepEqual([...front.rejects, ...back.rejects], rejects);
    assert.deepEqual(
      rejects.map(({ line, reason }) => [line, reason]),
      [
        [3, 'field count'],
        [4, 'field count'],
      ],
    );
  });

  test('tells hosts apart when their names are learned anew', async () => {
    const lines = Array.from({ length: 80_000 }, (_, i) => {
      const again: HostAt[] = i < 5 ? [] : [[T + i * 2, `host${i - 5}`]];
      return logOf([T + i * 2, `host${i}`], ...again);
    });
    const { reports } = await followed(minutely('1m'), sourceOf(lines.join('')));
    const rows = finalOf(reports).map((report) => contentOf(report.rows));
    const sums = rows.map((own) => own.reduce((sum, row) => sum + Number(row[1]), 0));
    // A minute is 30,000 of them; each but the last five comes once more, 10 ms later.
    assert.deepEqual(sums, [59_995, 60_000, 40_000]);
    assert.deepEqual(
      rows.map((own) => own.filter((row) => row[1] === 2).length),
      [29_995, 29_995, 19_995],
    );
  });

  test('stops between two steps when it is told to, and closes nothing', async () => {
    const stop = new AbortController();
    const { reports, follower } = await followed(
      minutely('0s'),
      sourceOf(logOf([T, 'a'], [T + 1, 'a'], [T + 60_000, 'b']), [18, 0, 18]),
      {
        signal: stop.signal,
        onStep: ({ books }) => void (books.read === 2 && stop.abort()),
      },
    );
    assert.deepEqual(reports, []);
    assert.deepEqual(shownOf(follower.unfinished), [[0, 'provisional', 'a 2']]);
  });
});
