import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openBill } from '../../../src/open/open-bill.ts';
import type { WindowRows } from '../../../src/pipeline/follow/window-run.ts';
import { FakeInput, FakeSource, followed } from '../../support/fake-live.ts';
import { finalOf, stoppedAndResumed } from '../../support/window-reports.ts';

const HOUR = 3600;

describe('Follower, of sessions', () => {
  test('reports as provisional what lasts through windows in which no record stands', async () => {
    const log = '00:10:00 A Start\n03:20:00 A End\n04:00:00 B Start\n';
    const report = openBill({ files: [], follow: true, every: '1h', maxDisorder: '12h' });
    const told: WindowRows[] = [];
    await followed(report, sourceOf({ log }), {
      onStep: ({ unfinished }, reports) => {
        if (reports.length === 4) told.push(...reports, ...unfinished);
        return reports.length === 4;
      },
    });
    const hours = told.map(({ window, state, rows: [row] }) => [
      window.start / (HOUR * 1000),
      state,
      ...row!.slice(3, 5),
      Number(row![5]) / 1000,
    ]);
    const lasting = [
      [0, 'provisional', 'A', 1, 50 * 60],
      [1, 'provisional', 'A', 0, HOUR],
      [2, 'provisional', 'A', 0, HOUR],
      [3, 'provisional', 'A', 0, HOUR / 3],
    ];
    assert.deepEqual(hours, [...lasting, ...lasting, [4, 'provisional', 'B', 1, 0]]);
  });
});

describe('Follower, of logs that tell no date', () => {
  test('keeps a clock for each log, also where they pass midnight at different times', async () => {
    const a = '23:00:00 A Start\n01:00:00 A End\n14:00:00 A Start\n14:00:10 A End\n';
    const b = '23:30:00 B Start\n02:00:00 B End\n14:00:00 B Start\n14:00:20 B End\n';
    const { reports, follower } = await followed(billed('1d'), sourceOf({ a, b }));
    assert.deepEqual(shown(reports), [
      [0, 'A', 1, HOUR],
      [0, 'B', 1, HOUR / 2],
      [1, 'A', 1, HOUR + 10],
      [1, 'B', 1, 2 * HOUR + 20],
    ]);
    assert.equal(follower.books.late, 0);
  });

  test('tells of many days what it tells of each log alone, in whatever chunks and wherever it was stopped', async () => {
    const steps = fc.array(fc.oneof(fc.nat(60), fc.nat(11 * HOUR)), { maxLength: 30 });
    const chunks = fc.array(fc.nat(40), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(steps, steps),
        fc.tuple(chunks, chunks),
        fc.nat(12),
        async (walks, dealt, at) => {
          const logs = walks.map((walk, i) => walkText(walk, i === 0 ? 'A' : 'B'));
          const alone = await Promise.all(
            logs.map((log) => followed(billed('1h'), sourceOf({ log }))),
          );
          const expected = alone.flatMap(({ reports }) => startsOf(reports)).sort();
          // As long as one is behind, nothing that the other tells is final.
          const both = await stoppedAndResumed(() => billed('1h'), logs, { chunks: dealt, at });
          assert.deepEqual(startsOf(both.reports).sort(), expected);
          assert.equal(both.books.late, 0);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('goes on over midnight in the piece that follows a rotated one, and reads that to its end first', async () => {
    const old = '23:00:00 A Start\n23:59:58 A End\n23:59:59 B Start\n';
    const next = '00:00:01 B End\n00:00:02 A Start\n14:00:00 A End\n';
    for (const shownBytes of [17, old.length]) {
      const rotated = new FakeInput('app.log', 0, Buffer.from(old), { shown: shownBytes });
      const source = new FakeSource(
        [rotated],
        [
          (it) => {
            rotated.show();
            it.arrive(new FakeInput('app.log', 1, Buffer.from(next)));
          },
        ],
      );
      const { reports } = await followed(billed('1d'), source, { now: () => 0 });
      assert.deepEqual(shown(reports), [
        [0, 'A', 1, HOUR - 2],
        [0, 'B', 1, 1],
        [1, 'A', 1, 14 * HOUR - 2],
        [1, 'B', 0, 1],
      ]);
    }
  });

  test('goes on over midnight in pieces that are there at once', async () => {
    const days = [
      '08:00:00 A Start\n20:00:00 A End\n',
      '07:00:00 A Start\n21:00:00 A End\n',
      '06:00:00 A Start\n06:30:00 A End\n',
    ];
    const setting = { log: 'app.log', chunks: [17, 10] };
    const inputs = days.map(
      (text, i) => new FakeInput(`app.log.${i}`, i, Buffer.from(text), setting),
    );
    const { reports } = await followed(billed('1d'), new FakeSource(inputs), { now: () => 0 });
    assert.deepEqual(shown(reports), [
      [0, 'A', 1, 12 * HOUR],
      [1, 'A', 1, 14 * HOUR],
      [2, 'A', 1, HOUR / 2],
    ]);
  });

  test('begins a log that comes later on the day of the one that is furthest', async () => {
    const days =
      '23:00:00 A Start\n01:00:00 A End\n14:00:00 A Start\n01:00:00 A End\n02:00:00 A Start\n';
    const first = new FakeInput('a', 0, Buffer.from(days));
    const later = new FakeInput('b', 1, Buffer.from('02:00:10 B Start\n02:00:20 B End\n'));
    const source = new FakeSource([first], [(it) => it.arrive(later)]);
    const { reports, follower } = await followed(billed('1d'), source, { now: () => 0 });
    assert.deepEqual(
      shown(reports).filter(([, name]) => name === 'B'),
      [[2, 'B', 1, 10]],
    );
    assert.equal(follower.books.late, 0);
  });
});

function billed(every: string) {
  return openBill({ files: [], follow: true, every });
}

function sourceOf(logs: Readonly<Record<string, string>>): FakeSource {
  return new FakeSource(
    Object.entries(logs).map(([name, text], i) => new FakeInput(name, i, Buffer.from(text))),
  );
}

/** The day, name, sessions and seconds of each row that is final, by day and name. */
function shown(reports: readonly WindowRows[]): unknown[][] {
  return finalOf(reports)
    .flatMap(({ rows }) => rows)
    .map(([start, , , name, sessions, durationMs]) => [
      Number(start) / (24 * HOUR * 1000),
      name,
      sessions,
      Number(durationMs) / 1000,
    ])
    .sort((a, b) => Number(a[0]) - Number(b[0]) || (String(a[1]) < String(b[1]) ? -1 : 1));
}

/** When sessions start, by hour and name. */
function startsOf(reports: readonly WindowRows[]): string[] {
  return finalOf(reports)
    .flatMap(({ rows }) => rows)
    .filter(([, , , name, sessions]) => name !== null && Number(sessions) > 0)
    .map(([start, , , name, sessions]) => `${start} ${name} ${sessions}`);
}

/** Sessions of ten seconds' time at the most, one after the other, over as many days as that takes. */
function walkText(steps: readonly number[], name: string): string {
  let second = 12 * HOUR;
  return steps
    .map((step) => {
      second += step;
      const time = new Date(second * 1000).toISOString().slice(11, 19);
      return `${time} ${name} Start\n`;
    })
    .join('');
}
