import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type SessionOptions,
  type SessionResult,
  sessions,
} from '../../src/aggregations/sessions.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { aggregationLaws } from '../support/aggregation-laws.ts';
import { arbitraryLog, batchesOf, sortedLog, type TestEvent } from '../support/events.ts';

const HUGE = fc.oneof(fc.nat(10), fc.integer({ min: -4.4e15, max: 4.4e15 }));
const sortedLogs = arbitraryLog().map(sortedLog);

describe('sessions', () => {
  aggregationLaws(sessions(), { logs: sortedLogs, shown });

  describe('in a range', () => {
    aggregationLaws(sessions({ from: 3, to: 9 }), { logs: sortedLogs, shown });
  });

  describe('of some users', () => {
    aggregationLaws(sessions({ ...EVERYTHING, names: ['10', 'constructor'] }), {
      logs: sortedLogs,
      shown,
    });
  });

  describe('with times 280,000 years apart', () => {
    aggregationLaws(sessions(), { logs: arbitraryLog({ times: HUGE }).map(sortedLog), shown });
  });

  test('bills an End without a Start from the first record of the log', () => {
    const log = [
      event(3, 'ALICE99', 'Start'),
      event(5, 'CHARLIE', 'End'),
      event(34, 'ALICE99', 'End'),
    ];
    assert.deepEqual(billed(log), { ALICE99: [1, 31n, 0], CHARLIE: [1, 2n, 0] });
  });

  test('bills what is fairest: the least over all ways to pair Starts with Ends', () => {
    fc.assert(
      fc.property(arbitraryLog({ maxLength: 9, times: fc.nat(12) }).map(sortedLog), (log) => {
        assert.deepEqual(billed(log), leastByBruteForce(log));
      }),
      { numRuns: 300 },
    );
  });

  test('bills in each of adjacent ranges what adds up to the whole', () => {
    const edges = fc.array(fc.integer({ min: -3, max: 16 }), { maxLength: 5 });
    fc.assert(
      fc.property(arbitraryLog({ times: fc.nat(12) }).map(sortedLog), edges, (log, inner) => {
        const cuts = [EVERYTHING.from, ...inner.toSorted((a, b) => a - b), EVERYTHING.to];
        const parts = cuts.slice(1).map((to, i) => resultOf(log, { from: cuts[i]!, to }));
        const sums: Record<string, [number, bigint]> = {};
        for (const part of parts) {
          for (const { name, sessions, durationMs } of part.users()) {
            sums[name] = [(sums[name]?.[0] ?? 0) + sessions, (sums[name]?.[1] ?? 0n) + durationMs];
          }
        }
        const whole = Object.fromEntries(
          Object.entries(billed(log)).map(([name, [n, ms]]) => [name, [n, ms]]),
        );
        assert.deepEqual(sums, whole);
        assert.equal(
          parts.reduce((sum, { counted }) => sum + counted, 0),
          log.length,
        );
      }),
    );
  });

  test('never bills a negative time, in any range', () => {
    const edge = fc.integer({ min: -3, max: 16 });
    fc.assert(
      fc.property(arbitraryLog({ times: fc.nat(12) }).map(sortedLog), edge, edge, (log, p, q) => {
        for (const user of resultOf(log, { from: Math.min(p, q), to: Math.max(p, q) }).users()) {
          assert.ok(
            user.durationMs >= 0n && user.sessions >= 0 && user.carried >= 0,
            JSON.stringify(user, bigintAsText),
          );
        }
      }),
    );
  });

  test('says when events come in an order that cannot be billed, whole or in slices', () => {
    fc.assert(
      fc.property(arbitraryLog(), fc.nat(40), (log, at) => {
        const aggregation = sessions();
        const [whole, front, back] = [log, log.slice(0, at), log.slice(at)].map((slice) =>
          stateOf(aggregation, slice),
        );
        const merged = aggregation.merge(front!, back!);
        assert.equal(aggregation.order!(merged), aggregation.order!(whole!));
        assert.equal(aggregation.order!(whole!), orderOf(log));
        if (orderOf(log) !== 'none')
          assert.deepEqual(shown(aggregation.finish(merged)), shown(resultOf(sortedLog(log))));
      }),
    );
  });

  test('adds up exactly what no double could', () => {
    const far = 4_400_000_000_000_000;
    const log = [
      ...Array.from({ length: 5000 }, () => event(-far, 'ALICE99', 'Start')),
      event(far - 1, 'ALICE99', 'Start'),
      event(far, 'CHARLIE', 'End'),
    ];
    assert.deepEqual(billed(log), {
      ALICE99: [5001, 5000n * BigInt(far) * 2n + 1n, 0],
      CHARLIE: [1, BigInt(far) * 2n, 0],
    });
  });
});

function event(time: number, name: string, kind: 'Start' | 'End'): TestEvent {
  return { time, name, start: kind === 'Start' };
}

function stateOf(aggregation: ReturnType<typeof sessions>, log: readonly TestEvent[]) {
  const state = aggregation.zero();
  for (const batch of batchesOf(log)) aggregation.add(state, batch);
  return state;
}

function resultOf(log: readonly TestEvent[], options?: SessionOptions): SessionResult {
  const aggregation = sessions(options);
  return aggregation.finish(stateOf(aggregation, log));
}

function billed(log: readonly TestEvent[]): Record<string, [number, bigint, number]> {
  const users = [...resultOf(log).users()];
  return Object.fromEntries(
    users.map(({ name, ...rest }) => [name, [rest.sessions, rest.durationMs, rest.carried]]),
  );
}

function shown(result: SessionResult): unknown {
  const { users, orphans, extentOf, ...rest } = result;
  return { ...rest, extent: extentOf(0), users: [...users()], orphans: [...orphans()] };
}

function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function orderOf(log: readonly TestEvent[]): string {
  const inOrder = (events: readonly TestEvent[]) =>
    events.every(({ time }, i) => i === 0 || events[i - 1]!.time <= time);
  if (inOrder(log)) return 'total';
  return Object.values(Object.groupBy(log, ({ name }) => name)).every((own) => inOrder(own!))
    ? 'enough'
    : 'none';
}

/** Fewest sessions, and of these the fewest seconds, over all pairings of a Start with a later End. */
function leastByBruteForce(log: readonly TestEvent[]): Record<string, [number, bigint, number]> {
  const [first, last] = [log[0]?.time ?? 0, log.at(-1)?.time ?? 0];
  const bill: Record<string, [number, bigint, number]> = {};
  for (const name of new Set(log.map((event) => event.name))) {
    const own = log.filter((event) => event.name === name);
    let best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const pair = (i: number, open: readonly number[], sessions: number, total: number): void => {
      if (i === own.length) {
        const count = sessions + open.length;
        const sum = total + open.reduce((rest, start) => rest + last - start, 0);
        if (count < best[0] || (count === best[0] && sum < best[1])) best = [count, sum];
        return;
      }
      const { time, start } = own[i]!;
      if (start) {
        pair(i + 1, [...open, time], sessions, total);
        return;
      }
      pair(i + 1, open, sessions + 1, total + time - first);
      for (const [at, from] of open.entries())
        pair(i + 1, open.toSpliced(at, 1), sessions + 1, total + time - from);
    };
    pair(0, [], 0, 0);
    bill[name] = [best[0], BigInt(best[1]), 0];
  }
  return bill;
}
