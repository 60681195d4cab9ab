import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { EVERYTHING } from '../../../src/core/time-range.ts';
import { Watermark } from '../../../src/core/watermark.ts';
import type { WindowCounter, WindowedReport } from '../../../src/core/windowed-report.ts';
import { windowColumns } from '../../../src/core/windowed-report.ts';
import type { Window } from '../../../src/core/windows.ts';
import { WindowRun } from '../../../src/pipeline/follow/window-run.ts';

const SECOND = 1000;
const JUMP = 86_400 * SECOND;

describe('WindowRun', () => {
  test('closes a window when the watermark passes its end, not before', () => {
    const { run, take } = started({ maxDisorderMs: 5 * SECOND });
    take(0, 9999);
    take(14_999);
    assert.deepEqual(shown(run), [[0, 'provisional', '0 9999']]);
    take(15_000);
    assert.deepEqual(shown(run), [[0, 'final', '0 9999']]);
    assert.equal(run.closedUpTo, 10_000);
  });

  test('counts in a window what comes late until it is final', () => {
    const { run, take } = started({ maxDisorderMs: 5 * SECOND });
    take(0, 1, 14_999, 9999, 15_000, 10_000, 9999);
    assert.deepEqual(shown(run), [
      [0, 'provisional', '0 1'],
      [0, 'final', '0 1 9999'],
    ]);
    assert.deepEqual([run.books.counted, run.books.late], [6, 1]);
  });

  test('reports each window as provisional once, and none where that is not asked for', () => {
    for (const [provisional, states] of [
      [true, ['provisional', 'provisional', 'final', 'final', 'final']],
      [false, ['final', 'final', 'final']],
    ] as const) {
      const { run, take } = started({ maxDisorderMs: 30 * SECOND, provisional });
      take(0, 1, 10_000, 11_000, 9000, 20_000, 8000);
      run.finish();
      assert.deepEqual(
        shown(run).map(([, state]) => state),
        states,
      );
    }
  });

  test('does not report as provisional what comes behind that', () => {
    const { run, take } = started({ maxDisorderMs: 30 * SECOND });
    take(5000, 5001, 25_000, 15_000);
    assert.deepEqual(shown(run), [[0, 'provisional', '5000 5001']]);
    run.finish();
    assert.deepEqual(shown(run), [
      [0, 'final', '5000 5001'],
      [10_000, 'final', '15000'],
      [20_000, 'final', '25000'],
    ]);
  });

  test('reports as provisional also windows without records in which something lasts, but no gap', () => {
    const carrying: WindowedReport['counter'] = (saved) => {
      const counter = counterOf(saved);
      const rows = (window: Window) => [...counter.rows(window, []), ['lasts']];
      return { ...counter, rows, close: rows };
    };
    const { run, take } = started({ counter: carrying, maxDisorderMs: 1000 * SECOND });
    take(5000, 5001, 31_000);
    assert.deepEqual(shown(run), [
      [0, 'provisional', '5000 5001'],
      [0, 'provisional', 'lasts'],
      [10_000, 'provisional', 'lasts'],
      [20_000, 'provisional', 'lasts'],
    ]);
    take(15_000, 41_000);
    assert.deepEqual(shown(run), [
      [30_000, 'provisional', '31000'],
      [30_000, 'provisional', 'lasts'],
    ]);
    take(291_001);
    assert.deepEqual(shown(run).length, 2 + 24);
    take(551_001);
    assert.deepEqual(shown(run), [
      [290_000, 'provisional', '291001'],
      [290_000, 'provisional', 'lasts'],
    ]);
    assert.deepEqual(
      run.unfinished.map(({ window, state }) => [window.start, state]),
      [
        ...Array.from({ length: 30 }, (_, i) => [i * 10_000, 'provisional']),
        [300_000, 'gap of 25'],
        [550_000, 'provisional'],
      ],
    );
    run.finish();
    assert.equal(new Set(shown(run).map(([start]) => start)).size, 32);
  });

  test('lets no input close what others hold back', () => {
    const { run, watermark } = started({});
    run.take(batchOf([0, 1, 50_000]), watermark, 9999);
    assert.deepEqual(shown(run), []);
    run.reach(10_000);
    assert.deepEqual(shown(run), [[0, 'final', '0 1']]);
    run.take(batchOf([60_000]), watermark, -Infinity);
    assert.deepEqual(shown(run), []);
    run.take(batchOf([70_000]), watermark, Infinity);
    assert.equal(shown(run).at(-1)?.[0], 60_000);
  });

  test('reports empty windows one by one up to 24 in a row, more as a gap', () => {
    for (const count of [0, 1, 24, 25, 1000]) {
      const { run, take } = started({});
      const later = (count + 1) * 10_000;
      take(0, 1, later, later + 1);
      run.finish();
      const rows = shown(run);
      assert.deepEqual(rows.at(-1), [later, 'final', `${later} ${later + 1}`]);
      const between = rows.slice(1, -1);
      if (count > 24) assert.deepEqual(between, [[10_000, `gap of ${count}`]]);
      else
        assert.deepEqual(
          between,
          Array.from({ length: count }, (_, i) => [(i + 1) * 10_000, 'final']),
        );
    }
  });

  test('begins and ends with the range, whatever records there are', () => {
    const range = { from: 20_000, to: 50_000 };
    for (const times of [[0, 25_000, 90_000], [25_000], [60_000, 25_000]]) {
      const { run, take } = started({ range, maxDisorderMs: 60 * SECOND, provisional: false });
      take(...times);
      run.finish();
      assert.deepEqual(shown(run), [
        [20_000, 'final', '25000'],
        [30_000, 'final'],
        [40_000, 'final'],
      ]);
      assert.deepEqual([run.books.counted, run.books.filtered], [1, times.length - 1]);
      assert.ok(run.isOver);
    }
  });

  test('is over when the watermark is past the range, also where nothing is in it', () => {
    const maxDisorderMs = 5 * SECOND;
    for (const [range, starts] of [
      [{ from: 20_000, to: 40_000 }, [20_000, 30_000]],
      [{ from: 20_000, to: 35_000 }, [20_000, 30_000]],
      [{ from: -Infinity, to: 40_000 }, []],
      [{ from: -Infinity, to: 1 }, []],
      [{ from: 0, to: 1 }, [0]],
    ] as const) {
      for (const align of ['clock', 'first'] as const) {
        const { run, take } = started({ range, maxDisorderMs, align });
        take(range.to, range.to);
        assert.ok(!run.isOver);
        take(Math.ceil(range.to / 10_000) * 10_000 + 10_000 + maxDisorderMs);
        assert.ok(run.isOver, JSON.stringify(range));
        if (align === 'clock')
          assert.deepEqual(
            shown(run),
            starts.map((start) => [start, 'final']),
          );
        assert.deepEqual([run.books.counted, run.books.filtered], [0, 3]);
      }
    }
  });

  test('ends where only what is in front of the range was counted', () => {
    for (const needsAll of [true, false]) {
      const { run, take } = started({ range: { from: 50_000, to: 70_000 }, needsAll });
      take(10_000, 20_000);
      run.finish();
      assert.deepEqual(shown(run), [
        [50_000, 'final'],
        [60_000, 'final'],
      ]);
      assert.deepEqual([run.books.counted, run.books.filtered, run.isOver], [0, 2, true]);
    }
  });

  test('reports in an open range from the first record to the last', () => {
    for (const [range, starts] of [
      [{ from: 20_000, to: Infinity }, [20_000, 30_000, 40_000]],
      [{ from: -Infinity, to: 60_000 }, [40_000, 50_000]],
      [EVERYTHING, [40_000]],
    ] as const) {
      const { run, take } = started({ range });
      take(40_000, 40_001);
      run.finish();
      assert.deepEqual(
        shown(run).map(([start]) => start),
        starts,
      );
    }
  });

  test('cuts the windows at the edges of a range', () => {
    const { run, take } = started({ range: { from: 5000, to: 15_000 } });
    take(4999, 5000, 9999, 10_000, 14_999, 15_000, 19_999, 30_000);
    assert.deepEqual(shown(run), [
      [0, 'final', '5000 9999'],
      [10_000, 'final', '10000 14999'],
    ]);
    assert.deepEqual([run.books.counted, run.books.filtered, run.books.late], [4, 4, 0]);
  });

  test('reports nothing of an empty range, and nothing of no records', () => {
    const empty = started({ range: { from: 5000, to: 5000 } });
    empty.take(1, 5000, 9000, 20_000);
    empty.run.finish();
    assert.deepEqual(shown(empty.run), []);
    assert.equal(empty.run.books.filtered, 4);
    const { run } = started({});
    run.reach(5000);
    run.finish();
    assert.deepEqual(shown(run), []);
  });

  test('counts what is outside of the range where others depend on it', () => {
    const counted: number[] = [];
    const counter: WindowCounter = {
      ...counterOf({}),
      add(_, { time, length }) {
        counted.push(...time.subarray(0, length));
        return length;
      },
    };
    const range = { from: 10_000, to: 20_000 };
    const { run, take } = started({ range, needsAll: true, counter: () => counter });
    take(1, 2, 10_000, 15_000, 20_000);
    assert.deepEqual(counted, [1, 2, 10_000, 15_000, 20_000]);
    assert.deepEqual([run.books.counted, run.books.filtered], [2, 3]);
    assert.deepEqual(
      shown(run).map(([start]) => start),
      [10_000],
    );
  });

  test('counts windows from the first record, also those in front of it', () => {
    const { run, take } = started({ align: 'first', maxDisorderMs: 60 * SECOND });
    take(12_345, 12_346, 12_344, 2345, 2344);
    run.finish();
    assert.deepEqual(shown(run), [
      [-7655, 'final', '2344'],
      [2345, 'final', '12344 2345'],
      [12_345, 'final', '12345 12346'],
    ]);
  });

  test('shows what is not final', () => {
    const { run, take } = started({ maxDisorderMs: 60 * SECOND });
    take(0, 10_000, 1);
    const { rows } = run.soFar(run.open[1]!);
    assert.deepEqual(rows, [[10_000, 20_000, 'provisional', '10000']]);
    assert.deepEqual(
      run.unfinished.map(({ window }) => window.start),
      [0, 10_000],
    );
    take(100_000);
    assert.equal(run.unfinished.length, 1);
    assert.deepEqual(started({}).run.open, []);
  });

  test('shows nothing of what is outside the range and counted for others', () => {
    const range = { from: 10_000, to: 20_000 };
    const { run, take } = started({ range, needsAll: true, maxDisorderMs: 60 * SECOND });
    take(1, 15_000, 20_000);
    assert.deepEqual(
      run.unfinished.map(({ window }) => window.start),
      [10_000],
    );
  });

  test('never reports a window as final twice, or out of order, nor counts into one that is', () => {
    const times = fc.array(
      fc.oneof(fc.nat(100_000), fc.nat(1_000_000), fc.constantFrom(-5e12, 1e13, 1e13 + 1)),
    );
    fc.assert(
      fc.property(times, fc.nat(20), fc.boolean(), (log, seconds, saves) => {
        const setting = { maxDisorderMs: seconds * SECOND };
        const { run: first, watermark } = started(setting);
        let run = first;
        let closed = -Infinity;
        let reported = 0;
        for (const time of log) {
          run.take(batchOf([time]), watermark, Infinity);
          for (const { window, state, rows } of run.takeDue()) {
            assert.ok(window.start >= closed, `${window.start} is final`);
            if (state === 'provisional') continue;
            if (closed > -Infinity) assert.equal(window.start, closed);
            closed = window.end;
            reported += countOf(rows[0]![3]);
          }
          if (!saves) continue;
          const saved = structuredClone(run.save());
          run = started({ ...setting, saved }).run;
        }
        run.finish();
        for (const { rows } of run.takeDue()) reported += countOf(rows[0]![3]);
        assert.equal(reported, run.books.counted);
        assert.equal(run.books.counted + run.books.late, log.length);
      }),
      { numRuns: 500 },
    );
  });
});

interface Setting extends Partial<WindowedReport> {
  readonly align?: 'first' | 'clock';
  readonly provisional?: boolean;
  readonly saved?: unknown;
}

/** A run over windows of ten seconds, which tells the times in each. */
function started({ align = 'clock', provisional = true, saved, ...part }: Setting) {
  const head = { report: 'times', parameters: {}, zone: 'UTC' };
  const columns = [...windowColumns(), { name: 'times', kind: 'text' } as const];
  const report: WindowedReport = {
    job: { module: '', decoder: { kind: '', options: {} }, aggregation: { kind: '', options: {} } },
    head: { ...head, columns },
    windows: { every: '10s', align, zone: 'UTC' },
    range: EVERYTHING,
    needsAll: false,
    maxDisorderMs: 0,
    maxJumpMs: JUMP,
    counter: counterOf,
    ...part,
  };
  const run = new WindowRun(report, provisional, saved);
  const watermark = new Watermark(report.maxDisorderMs, JUMP);
  const take = (...times: number[]) => run.take(batchOf(times), watermark, Infinity);
  return { run, watermark, take };
}

/** Keeps the times in each window. */
function counterOf(saved: unknown): WindowCounter {
  const times = new Map<number, number[]>(
    Object.entries(saved ?? {}).map(([k, v]) => [Number(k), v]),
  );
  const rows = ({ start }: Window) => {
    const own = times.get(start);
    return own === undefined ? [] : [[own.join(' ')]];
  };
  return {
    add({ start, end }, batch) {
      const own = times.get(start) ?? [];
      times.set(start, own);
      for (const time of batch.time.subarray(0, batch.length)) {
        assert.ok(time >= start && time < end, `${time} is in [${start}, ${end})`);
        own.push(time);
      }
      return batch.length;
    },
    advance() {},
    rows,
    close(window) {
      const found = rows(window);
      times.delete(window.start);
      return found;
    },
    save: () => Object.fromEntries(times),
  };
}

function batchOf(times: readonly number[]): EventBatch {
  const batch = new EventBatch();
  batch.time.set(times);
  batch.length = times.length;
  return batch;
}

/** What is due: each window's start, its state and its times. */
function shown(run: WindowRun): (string | number)[][] {
  return run
    .takeDue()
    .flatMap(({ rows }) =>
      rows.map(([start, , state, times]) => [
        Number(start),
        String(state),
        ...(times === null ? [] : [String(times)]),
      ]),
    );
}

function countOf(times: unknown): number {
  return times === null ? 0 : String(times).split(' ').length;
}
