import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { connections } from '../../src/aggregations/connections.ts';
import { openBill } from '../../src/config/open-bill.ts';
import { openHosts, openTop, openTraffic } from '../../src/config/open-connections.ts';
import type { Books } from '../../src/core/books.ts';
import type { Report } from '../../src/core/report.ts';
import type { Row } from '../../src/core/table.ts';
import type { WindowRows } from '../../src/pipeline/window-run.ts';
import { hosts } from '../../src/reports/hosts.ts';
import { top } from '../../src/reports/top.ts';
import { traffic } from '../../src/reports/traffic.ts';
import { filesOf } from '../support/bill.ts';
import { batchesOf, type TestConnection } from '../support/events.ts';
import { arbitraryChunks, FakeInput, FakeSource, followed } from '../support/fake-live.ts';
import { shownReport } from '../support/report.ts';
import {
  arbitrarySessions,
  arbitraryStream,
  connectionText,
  durationText,
  type Stream,
  sessionText,
} from '../support/streams.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 20);
const HOST = 'Matina';
const ALL = Number.POSITIVE_INFINITY;
const VIEW = { direction: 'both', by: 'sent', limit: ALL } as const;
/** Times that were torn. */
const TORN = { 1970: 30_000, 2466: Date.UTC(2466, 0, 1, 0, 0, 30) };
/** A full minute. */
const T = Date.UTC(2021, 2, 1, 12);
const intervals = fc.constantFrom('10s', '1m', '1h', '1d', '1w');

/** Each report as it is followed, and what it says of the connections in a range. */
const REPORTS = {
  hosts: {
    open: (request: Request) => openHosts({ ...request, host: HOST, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) => hosts.rows(resultOf(events), VIEW),
  },
  top: {
    open: (request: Request) => openTop({ ...request, limit: 2, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) => top.rows(resultOf(events), { ...VIEW, limit: 2 }),
  },
  traffic: {
    open: (request: Request) => openTraffic({ ...request, host: HOST, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) =>
      traffic.rows(resultOf(events), { ...VIEW, limit: 1 }),
  },
} as const;

interface Request {
  readonly every: string;
  readonly maxDisorder: string;
  readonly from?: string;
  readonly to?: string;
}

describe('Follower', () => {
  for (const [name, { open, rows }] of Object.entries(REPORTS)) {
    test(`tells of each window what ${name} tells of its range, in whatever chunks records come`, async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryStream(),
          intervals,
          arbitraryChunks(),
          async ({ disorderMs, events }, every, chunks) => {
            const source = sourceOf(connectionText(events), chunks);
            const report = open({ every, maxDisorder: durationText(disorderMs) });
            const { reports, follower } = await followed(report, source);
            const final = reports.filter(({ state }) => state !== 'provisional');
            for (const [i, { window, state, rows: found }] of final.entries()) {
              const { start, end } = window;
              const inside = events.filter(({ time }) => time >= start && time < end);
              assert.deepEqual(contentOf(found), rows(inside));
              if (state !== 'final') assert.equal(inside.length, 0);
              if (i > 0) assert.equal(final[i - 1]!.window.end, start);
            }
            const { read, counted, late } = follower.books;
            assert.deepEqual([read, counted, late], [events.length, events.length, 0]);
            const last = Math.max(...events.map(({ time }) => time));
            assert.equal(final.length > 0 && final.at(-1)!.window.end > last, events.length > 0);
          },
        ),
        { numRuns: RUNS },
      );
    });
  }

  test('makes the same reports, provisional ones too, in whatever chunks records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        intervals,
        arbitraryChunks(),
        async (stream, every, chunks) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const log = connectionText(stream.events);
          const whole = await followed(report(), sourceOf(log));
          const inLines = await followed(report(), sourceOf(log, lengthsOf(log)));
          const inChunks = await followed(report(), sourceOf(log, chunks));
          assert.deepEqual(inChunks.reports, inLines.reports);
          assert.deepEqual(whole.reports, inLines.reports);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('goes on from what was saved at any step with the same reports', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        intervals,
        arbitraryChunks(),
        fc.nat(20),
        async (stream, every, chunks, at) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const log = connectionText(stream.events);
          const whole = await followed(report(), sourceOf(log, chunks));
          const stopped = await stoppedAndResumed(report, [log], { chunks: [chunks], at });
          assert.deepEqual(stopped.reports, whole.reports);
          assert.deepEqual(stopped.books, whole.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('bills of each window what bill tells of its range, in whatever chunks records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySessions(),
        fc.constantFrom('10m', '1h', '6h', '1d'),
        arbitraryChunks(),
        async ({ disorderMs, events }, every, chunks) => {
          const log = sessionText(events);
          using files = filesOf({ 'app.log': log });
          const maxDisorder = durationText(disorderMs);
          const request = { files: [], follow: true, every, maxDisorder };
          const inLines = await followed(openBill(request), sourceOf(log, lengthsOf(log)));
          const { reports } = await followed(openBill(request), sourceOf(log, chunks));
          assert.deepEqual(reports, inLines.reports);
          for (const { window, rows, state } of reports) {
            if (state === 'provisional') continue;
            const range = { from: String(window.start), to: String(window.end) };
            const bill = await shownReport(openBill({ files: files.paths, ...range }));
            assert.deepEqual(contentOf(rows), bill.rows);
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / 5) },
    );
  });

  test('goes on billing from what was saved at any step', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySessions(),
        fc.constantFrom('10m', '1h', '1d'),
        arbitraryChunks(),
        fc.nat(20),
        async ({ disorderMs, events }, every, chunks, at) => {
          const maxDisorder = durationText(disorderMs);
          const report = () => openBill({ files: [], follow: true, every, maxDisorder });
          const log = sessionText(events);
          const whole = await followed(report(), sourceOf(log));
          const stopped = await stoppedAndResumed(report, [log], { chunks: [chunks], at });
          assert.deepEqual(stopped.reports, whole.reports);
          assert.deepEqual(stopped.books, whole.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

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

  describe('is not harmed by a torn time', () => {
    const sound = Array.from({ length: 40 }, (_, i): [number, string] => [
      T + i * 20_000,
      `h${i % 3}`,
    ]);
    for (const [year, time] of Object.entries(TORN)) {
      test(`of ${year}, wherever it stands`, async () => {
        const whole = await followed(minutely('1m'), sourceOf(logOf(...sound)));
        for (const at of [0, 1, 2, 20, 38, 39, 40]) {
          const log = logOf(...sound.toSpliced(at, 0, [time, 'torn']));
          for (const chunks of [[], lengthsOf(log)]) {
            const { reports, follower } = await followed(minutely('1m'), sourceOf(log, chunks));
            const near = reports.filter(({ window }) => Math.abs(window.start - T) < 1e8);
            const full = near.filter(({ state }) => !state.startsWith('gap'));
            assert.deepEqual(full, whole.reports, `record ${at}`);
            const late = year === '1970' && at >= 2 ? 1 : 0;
            assert.deepEqual(follower.books.late, late);
            const far = finalOf(reports).filter((report) => !full.includes(report));
            assert.deepEqual(
              far.map(({ state }) => state.replace(/ [0-9]+$/, '')).sort(),
              late === 1 ? [] : ['final', 'gap of'],
            );
          }
        }
      });
    }

    test('also when it goes on from what was saved in front of it', async () => {
      const records = sound.toSpliced(20, 0, [TORN[2466], 'torn']);
      const log = logOf(...records);
      const whole = await followed(minutely('1m'), sourceOf(log));
      const chunks = lengthsOf(log);
      for (let at = 30; at < 50; at++) {
        const open = () => minutely('1m');
        const stopped = await stoppedAndResumed(open, [log], { chunks: [chunks], at });
        assert.deepEqual(stopped.reports, whole.reports, `step ${at}`);
      }
    });

    test('of 10,000 hours far ahead, though each has a window', async () => {
      const records = Array.from({ length: 20_000 }, (_, i): [number, string] =>
        i % 2 === 0 ? [T + i, 'a'] : [TORN[2466] + i * 1_800_000, 'torn'],
      );
      const report = openTop({ files: [], follow: true, every: '1h' });
      const { reports, follower } = await followed(report, sourceOf(logOf(...records)));
      assert.deepEqual([follower.books.counted, follower.books.late], [20_000, 0]);
      assert.equal(reports.filter(({ rows }) => rows[0]?.[3] === 'torn').length, 10_000);
      assert.deepEqual(contentOf(reports[0]!.rows), [['a', 10_000]]);
    });
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
});

describe('Follower, of several inputs', () => {
  const inputOf = (name: string, rank: number, ...records: [time: number, host: string][]) => {
    const log = logOf(...records);
    return { name, log, input: new FakeInput(name, rank, Buffer.from(log)) };
  };
  const waiting = (ms: number) => (source: FakeSource) => {
    source.clockMs += ms;
  };
  const hour: [number, string][] = [
    [T, 'a'],
    [T + 1, 'a'],
    [T + 60_000, 'a'],
    [T + 120_000, 'a'],
    [T + 121_000, 'a'],
  ];

  test('waits for the one that is behind, until that is silent for too long', async () => {
    const ahead = inputOf('ahead', 0, ...hour);
    const behind = inputOf('behind', 1, [T, 'b'], [T + 2, 'b']);
    const found: unknown[] = [];
    const idleMs = 30_000;
    const plan = [...Array.from({ length: 5 }, () => waiting(6000)), waiting(0)];
    const source = new FakeSource([ahead.input, behind.input], plan);
    await followed(minutely('0s'), source, {
      idleMs,
      onStep(_, reports) {
        found.push([source.clockMs, ...shownOf(finalOf(reports))]);
        return undefined;
      },
    });
    const first = found.find((it) => (it as unknown[]).length > 1) as unknown[];
    assert.ok((first[0] as number) >= idleMs && (first[0] as number) < idleMs + 10_000);
    assert.deepEqual(first.slice(1), [
      [0, 'final', 'a 2', 'b 2'],
      [1, 'final', 'a 1'],
    ]);
  });

  test('counts as late what comes of the silent one when its window is final, and waits for it again', async () => {
    const ahead = inputOf('ahead', 0, ...hour, [T + 200_000, 'a']);
    const records: [number, string][] = [
      [T, 'b'],
      [T + 2, 'b'],
      [T + 30_000, 'late'],
      [T + 125_000, 'b'],
    ];
    const behind = inputOf('behind', 1, ...records);
    const [shown, more] = [logOf(...hour).length, logOf(...records.slice(0, 2)).length];
    const inputs = [
      new FakeInput('ahead', 0, Buffer.from(ahead.log), { shown }),
      new FakeInput('behind', 1, Buffer.from(behind.log), { shown: more }),
    ];
    const plan = [
      waiting(31_000),
      () => {},
      () => inputs[1]!.show(),
      () => inputs[0]!.show(),
      () => {},
    ];
    const states: string[][] = [];
    const { reports, follower } = await followed(minutely('0s'), new FakeSource(inputs, plan), {
      onStep(_, found) {
        states.push(shownOf(finalOf(found)).map(([minute]) => String(minute)));
        return undefined;
      },
    });
    assert.deepEqual(shownOf(finalOf(reports)), [
      [0, 'final', 'a 2', 'b 2'],
      [1, 'final', 'a 1'],
      [2, 'final', 'a 2', 'b 1'],
      [3, 'final', 'a 1'],
    ]);
    assert.equal(follower.books.late, 1);
    // Window 2 was not final before the end, for the other input was back, at 125 s.
    assert.deepEqual(states.at(-2), ['0', '1']);
  });

  test('waits for one that came late to what it tells', async () => {
    const ahead = inputOf('ahead', 0, ...hour);
    const other = inputOf('other', 1, [T + 65_000, 'b'], [T + 66_000, 'b']);
    const source = new FakeSource([ahead.input], [(it) => it.arrive(other.input)]);
    const { reports, follower } = await followed(minutely('1m'), source);
    assert.deepEqual(shownOf(finalOf(reports)), [
      [0, 'final', 'a 2'],
      [1, 'final', 'b 2', 'a 1'],
      [2, 'final', 'a 2'],
    ]);
    assert.equal(follower.books.late, 0);
  });

  test('reports windows of files that hold a record each', async () => {
    const records = [0, 1, 2, 3].map((minute) => T + minute * 60_000);
    const source = new FakeSource(
      [],
      records.map((time, i) => (it) => {
        const { input } = inputOf(`file ${i}`, i, [time, 'a']);
        input.finish();
        it.arrive(input);
      }),
    );
    const inTime: number[] = [];
    const { reports } = await followed(minutely('0s'), source, {
      onStep: (_, found) => void (source.finished || inTime.push(finalOf(found).length)),
    });
    assert.deepEqual(
      shownOf(finalOf(reports)),
      records.map((_, i) => [i, 'final', 'a 1']),
    );
    assert.equal(inTime.at(-1), 3);
  });

  test('remembers how far those were that have ended', async () => {
    const { input } = inputOf('ended', 0, ...hour);
    input.finish();
    const first = await followed(minutely('0s'), new FakeSource([input]), {
      // It has ended, and what it told is not yet reported.
      onStep: () => input.end !== undefined,
    });
    const fresh = inputOf('fresh', 1, [T + 121_000, 'b']);
    const source = new FakeSource([], [(it) => it.arrive(fresh.input)]);
    const inTime: number[] = [...shownOf(finalOf(first.reports)).map(([minute]) => Number(minute))];
    const saved = structuredClone(first.follower.save());
    let seen = 0;
    await followed(minutely('0s'), source, {
      saved,
      onStep(_, found) {
        if (!source.finished)
          inTime.push(...shownOf(finalOf(found.slice(seen))).map(([minute]) => Number(minute)));
        seen = found.length;
        return undefined;
      },
    });
    assert.deepEqual(inTime, [0, 1]);
  });

  describe('is not harmed by a torn time', () => {
    const sound: [number, string][] = Array.from({ length: 30 }, (_, i) => [T + i * 20_000, 'b']);
    const half = logOf(...sound.slice(0, 16)).length;

    /** What is reported of the minutes near by, where another input comes, is read and is silent for a while. */
    const reported = async (
      records: [number, string][],
      { arrives, ends, silentMs }: { arrives: number; ends: boolean; silentMs: number },
    ) => {
      const one = new FakeInput('b', 0, Buffer.from(logOf(...sound)), { shown: half });
      const other = new FakeInput('a', 1, Buffer.from(logOf(...records)));
      const plan: ((source: FakeSource) => void)[] = [
        () => {},
        () => ends && other.finish(),
        waiting(silentMs),
        () => {},
        () => one.show(),
      ];
      if (arrives > 0) plan.splice(arrives, 0, (source) => source.arrive(other));
      const source = new FakeSource(arrives > 0 ? [one] : [one, other], plan);
      const { reports } = await followed(minutely('10s'), source);
      return shownOf(finalOf(reports)).filter(
        ([minute, state]) => Math.abs(Number(minute)) < 1e6 && state === 'final',
      );
    };

    for (const [year, torn] of Object.entries(TORN)) {
      for (const [how, records] of [
        ['alone in an input', [[torn, 'torn']]],
        ['in front', [[torn, 'torn'], ...hour]],
        ['in the middle', hour.toSpliced(3, 0, [torn, 'torn'])],
        ['behind', [...hour, [torn, 'torn']]],
      ] as [string, [number, string][]][]) {
        test(`of ${year} ${how}`, async () => {
          const others = records.filter(([time]) => time !== torn);
          for (const arrives of [0, 1, 2, 4])
            for (const ends of [true, false])
              for (const silentMs of [0, 10_000, 31_000]) {
                const way = { arrives, ends, silentMs };
                assert.deepEqual(
                  await reported(records, way),
                  await reported(others, way),
                  JSON.stringify(way),
                );
              }
        });
      }
    }
  });

  test('reports what it reports of one, in whatever chunks and wherever it was stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        fc.array(fc.nat(2), { minLength: 80, maxLength: 80 }),
        intervals,
        fc.array(arbitraryChunks(), { minLength: 3, maxLength: 3 }),
        fc.nat(20),
        async (stream, dealt, every, chunks, at) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const { events } = stream;
          const one = await followed(report(), sourceOf(connectionText(events)));
          const logs = [0, 1, 2].map((rank) =>
            connectionText(events.filter((_, i) => dealt[i] === rank)),
          );
          const inputs = logs.map(
            (log, i) => new FakeInput(`log ${i}`, i, Buffer.from(log), { chunks: chunks[i]! }),
          );
          const several = await followed(report(), new FakeSource(inputs), { now: () => 0 });
          assert.deepEqual(finalOf(several.reports), finalOf(one.reports));
          assert.deepEqual(several.follower.books, one.follower.books);
          const stopped = await stoppedAndResumed(report, logs, { chunks, at });
          assert.deepEqual(finalOf(stopped.reports), finalOf(one.reports));
          assert.deepEqual(stopped.books, one.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('reports only the same windows of rotated pieces, in whatever order they are named', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        fc.array(fc.nat(80), { minLength: 3, maxLength: 3 }),
        fc.func(fc.integer()),
        intervals,
        async (stream, cuts, rank, every) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const one = await followed(report(), sourceOf(connectionText(stream.events)));
          const edges = [0, ...cuts.sort((a, b) => a - b), stream.events.length];
          const pieces = edges.slice(1).map((to, i) => stream.events.slice(edges[i], to));
          const named = pieces.toSorted((a, b) => rank(a.length) - rank(b.length));
          const inputs = named.map(
            (events, i) => new FakeInput(`log ${i}`, i, Buffer.from(connectionText(events))),
          );
          const { reports } = await followed(report(), new FakeSource(inputs));
          assert.deepEqual(finalOf(reports), finalOf(one.reports));
        },
      ),
      { numRuns: RUNS },
    );
  });
});

/** The busiest hosts of every minute. */
function minutely(maxDisorder: string) {
  return openTop({ files: [], follow: true, every: '1m', maxDisorder });
}

/** A connection log of hosts that each connect to `z`. */
function logOf(...records: readonly (readonly [time: number, host: string])[]): string {
  return records.map(([time, host]) => `${time} ${host} z\n`).join('');
}

/** Each report as its minute, state and rows. */
function shownOf(reports: readonly WindowRows[]): (string | number)[][] {
  return reports.map(({ window, state, rows }) => {
    const content = contentOf(rows).map((row) => row.join(' '));
    return [(window.start - T) / 60_000, state, ...content];
  });
}

function requestOf({ disorderMs }: Stream, every: string): Request {
  return { every, maxDisorder: durationText(disorderMs) };
}

function sourceOf(log: string, chunks: readonly number[] = []): FakeSource {
  return new FakeSource([new FakeInput('log', 0, Buffer.from(log), { chunks })]);
}

/** What following some logs gives when it is stopped after so many steps, and goes on from what was saved. */
async function stoppedAndResumed<Result>(
  open: () => Promise<Report<Result>>,
  logs: readonly string[],
  { chunks, at }: { chunks: readonly (readonly number[])[]; at: number },
): Promise<{ reports: WindowRows[]; books: Books }> {
  const now = () => 0;
  const inputs = logs.map(
    (log, i) => new FakeInput(`log ${i}`, i, Buffer.from(log), { chunks: chunks[i]! }),
  );
  let steps = 0;
  const front = await followed(open(), new FakeSource(inputs), {
    now,
    onStep: () => steps++ === at,
  });
  const saved = structuredClone(front.follower.save());
  const rest = inputs
    .filter(({ end }) => end === undefined)
    .map((input, i) => input.resumed(input.mark(), chunks.at(-i - 1)!));
  const back = await followed(open(), new FakeSource(rest), { now, saved });
  return { reports: [...front.reports, ...back.reports], books: back.follower.books };
}

function finalOf(reports: readonly WindowRows[]): WindowRows[] {
  return reports.filter(({ state }) => state !== 'provisional');
}

/** The lengths of the lines, with a wait behind each. */
function lengthsOf(log: string): number[] {
  return log.split(/(?<=\n)/).flatMap((line) => [line.length, 0]);
}

function resultOf(events: readonly TestConnection[]) {
  const { zero, add, finish } = connections({ from: -ALL, to: ALL, host: HOST, everyHost: true });
  const state = zero();
  for (const batch of batchesOf(events)) add(state, batch);
  return finish(state);
}

/** What rows say of a window; one of an empty window says nothing. */
function contentOf(rows: readonly Row[]): Row[] {
  return rows.map((row) => row.slice(3)).filter((row) => row.some((cell) => cell !== null));
}
