import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SessionCounter } from '../../src/aggregations/session-counter.ts';
import { SessionWindows } from '../../src/aggregations/session-windows.ts';
import { type SessionTotals, sessions } from '../../src/aggregations/sessions.ts';
import { START } from '../../src/core/event-batch.ts';
import type { Row } from '../../src/core/table.ts';
import { EVERYTHING, type TimeRange } from '../../src/core/time-range.ts';
import type { Window } from '../../src/core/windows.ts';
import { arbitraryLog, batchesOf, sortedLog, type TestEvent } from '../support/events.ts';

const sortedLogs = arbitraryLog({ times: fc.nat(40) }).map(sortedLog);
/** Ends of windows, the first of which begins at the first. */
const edges = fc.uniqueArray(fc.integer({ min: -5, max: 50 }), { minLength: 2, maxLength: 12 });

describe('SessionWindows', () => {
  test('tells of each window what sessions tell of its range', () => {
    fc.assert(
      fc.property(sortedLogs, edges, (log, cuts) => {
        const windows = windowsOf(cuts, log);
        for (const [i, found] of toldOf(log, windows).entries())
          assert.deepEqual(found, rangeOf(log, windows[i]!));
      }),
      { numRuns: 1000 },
    );
  });

  test('adds up over windows to the whole', () => {
    fc.assert(
      fc.property(sortedLogs, edges, (log, cuts) => {
        const sums = new Map<string, [sessions: number, durationMs: bigint]>();
        for (const user of toldOf(log, windowsOf(cuts, log)).flat()) {
          const [count, ms] = sums.get(user.name) ?? [0, 0n];
          sums.set(user.name, [count + user.sessions, ms + user.durationMs]);
        }
        const whole = rangeOf(log, EVERYTHING);
        assert.deepEqual(
          sums,
          new Map(whole.map(({ name, ...user }) => [name, [user.sessions, user.durationMs]])),
        );
      }),
    );
  });

  test('goes on from what was saved between any two events', () => {
    fc.assert(
      fc.property(sortedLogs, edges, fc.nat(40), (log, cuts, at) => {
        const windows = windowsOf(cuts, log);
        assert.deepEqual(toldOf(log, windows, at), toldOf(log, windows));
      }),
    );
  });

  test('takes an End without a Start as begun with its window, where nobody knows what comes', () => {
    const told = new SessionWindows();
    const user = told.idOf(Buffer.from('A'));
    const other = told.idOf(Buffer.from('B'));
    told.add(2, other, START);
    const first = [...told.totals({ start: 0, end: 10 }, 10)];
    assert.deepEqual(first, [{ name: 'B', sessions: 1, durationMs: 8n, carried: 0 }]);
    told.next();
    told.add(14, user, 0);
    assert.deepEqual(
      [...told.totals({ start: 10, end: 20 }, 30)],
      [
        { name: 'B', sessions: 0, durationMs: 10n, carried: 1 },
        { name: 'A', sessions: 0, durationMs: 4n, carried: 1 },
      ],
    );
  });

  test('tells of many empty windows at once', () => {
    const told = new SessionWindows();
    told.add(3, told.idOf(Buffer.from('A')), START);
    told.next();
    assert.deepEqual(
      [...told.totals({ start: 10, end: 1000 }, 2000)],
      [{ name: 'A', sessions: 0, durationMs: 990n, carried: 1 }],
    );
  });

  test('adds up exactly over long windows', () => {
    const told = new SessionWindows();
    const user = told.idOf(Buffer.from('A'));
    const month = 31 * 86_400_000;
    const start = 50 * 365 * 86_400_000;
    for (let i = 0; i < 100_000; i++) told.add(start + i, user, START);
    const [total] = told.totals({ start, end: start + month }, start + month);
    assert.equal(total!.durationMs, 100_000n * BigInt(month) - (99_999n * 100_000n) / 2n);
  });
});

describe('SessionCounter', () => {
  /** Events of several inputs within windows of ten, in any order. */
  const waiting = fc.array(
    fc.record({
      time: fc.nat(39),
      name: fc.constantFrom('ALICE99', 'CHARLIE', '10'),
      start: fc.boolean(),
      input: fc.nat(2),
    }),
    { maxLength: 40 },
  );

  test('tells the same in whatever order events came, of each input in its own', () => {
    fc.assert(
      fc.property(waiting, fc.boolean(), (log, saves) => {
        // Equal times come in the order of the inputs, then in that of each.
        const sorted = log.toSorted((a, b) => a.time - b.time || a.input - b.input);
        const users = orphansOf(sorted);
        let counter = counterOf(users);
        for (const [i, event] of log.entries()) {
          const start = Math.floor(event.time / 10) * 10;
          const [batch] = batchesOf([event]);
          batch!.input[0] = event.input;
          counter.add({ start, end: start + 10 }, batch!);
          if (saves && i % 3 === 0) counter = counterOf(users, structuredClone(counter.save()));
        }
        for (const start of [0, 10, 20, 30]) {
          const window = { start, end: start + 10 };
          const rows = rangeOf(sorted, { from: start, to: start + 10 }).map(rowOf);
          assert.deepEqual(counter.rows(window, []), rows);
          assert.deepEqual(counter.close(window), rows);
          counter.advance(start + 10);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('counts what waits as soon as nothing can come in front of it', () => {
    const log = Array.from({ length: 60_000 }, (_, i) => ({
      time: Math.floor(i / 2) + (i % 2 === 0 ? 5 : 0),
      name: `user${i % 7}`,
      start: i % 3 > 0,
    }));
    const counter = counterOf(orphansOf(sortedLog(log)));
    const window = { start: 0, end: 1e6 };
    let most = 0;
    for (const batch of batchesOf(log)) {
      counter.add(window, batch);
      counter.advance(batch.time[batch.length - 1]! - 10);
      const saved = counter.save() as { waiting: { time: Float64Array } };
      most = Math.max(most, saved.waiting.time.length);
    }
    assert.ok(most < 20_000, `${most} wait`);
    assert.deepEqual(
      counter.close(window),
      rangeOf(sortedLog(log), { from: 0, to: 1e6 }).map(rowOf),
    );
  });

  test('keeps users apart when names are learned anew', () => {
    const counter = counterOf(new Map());
    const window = { start: 0, end: 10 };
    for (const name of ['A', 'B', 'A'])
      counter.add(window, batchesOf([{ time: 1, name, start: true }])[0]!);
    assert.deepEqual(counter.close(window), [
      ['A', 2, 0n, 0],
      ['B', 1, 0n, 0],
    ]);
  });
});

/** Windows side by side that hold the whole log. */
function windowsOf(cuts: readonly number[], log: readonly TestEvent[]): Window[] {
  const sorted = cuts.toSorted((a, b) => a - b);
  const first = log[0]?.time ?? 0;
  const starts = [Math.min(sorted[0]!, first), ...sorted.filter((cut) => cut > first)];
  const end = Math.max(starts.at(-1)!, log.at(-1)?.time ?? 0) + 1;
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? end }));
}

/** What is told window by window; saved and loaded in front of an event. */
function toldOf(log: readonly TestEvent[], windows: readonly Window[], saveAt?: number) {
  const users = orphansOf(log);
  let told = new SessionWindows(users);
  let at = 0;
  return windows.map((window) => {
    for (; at < log.length && log[at]!.time < window.end; at++) {
      if (at === saveAt) told = new SessionWindows(users, structuredClone(told.save()));
      const { time, name, start } = log[at]!;
      told.add(time, told.idOf(Buffer.from(name)), start ? START : 0);
    }
    const totals = [...told.totals(window, log.at(-1)?.time ?? window.start)].filter(isPresent);
    told.next();
    return totals;
  });
}

/** What sessions tell of a range, window or not. */
function rangeOf(log: readonly TestEvent[], range: TimeRange | Window): SessionTotals[] {
  const asked = 'from' in range ? range : { from: range.start, to: range.end };
  return [...resultOf(log, asked).users()].filter(isPresent);
}

function orphansOf(log: readonly TestEvent[]): Map<string, number> {
  return new Map(resultOf(log, EVERYTHING).orphans());
}

function resultOf(log: readonly TestEvent[], range: TimeRange) {
  const { zero, add, finish } = sessions(range);
  const state = zero();
  for (const batch of batchesOf(log)) add(state, batch);
  return finish(state);
}

function isPresent({ sessions: count, carried, durationMs }: SessionTotals): boolean {
  return count > 0 || carried > 0 || durationMs > 0n;
}

function counterOf(users: ReadonlyMap<string, number>, saved?: unknown): SessionCounter {
  const rowsOf = (totals: Iterable<SessionTotals>) => [...totals].filter(isPresent).map(rowOf);
  return new SessionCounter(rowsOf, { users, saved });
}

function rowOf({ name, sessions: count, durationMs, carried }: SessionTotals): Row {
  return [name, count, durationMs, carried];
}
