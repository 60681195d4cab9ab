import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type PairedSession,
  type PairingOptions,
  pairedSessions,
} from '../../src/aggregations/paired-sessions.ts';
import { sessions } from '../../src/aggregations/sessions.ts';
import { EVERYTHING, type TimeRange } from '../../src/core/time-range.ts';
import { arbitraryLog, batchesOf, sortedLog, type TestEvent } from '../support/events.ts';

const sortedLogs = arbitraryLog({ times: fc.nat(12) }).map(sortedLog);

describe('pairedSessions', () => {
  test('adds up to the bill, in any range', async () => {
    const edge = fc.integer({ min: -3, max: 16 });
    const ranges = fc.oneof(fc.constant(EVERYTHING), fc.tuple(edge, edge).map(rangeBetween));
    await fc.assert(
      fc.asyncProperty(sortedLogs, ranges, async (log, range) => {
        assert.deepEqual(sumsOf(await paired(log, range)), billed(log, range));
      }),
    );
  });

  test('closes the latest open Start with an End, and tells the places of both', async () => {
    const log = [
      record(1, 'A', 'Start'),
      record(3, 'A', 'Start'),
      record(4, 'A', 'End'),
      record(9, 'A', 'End'),
    ];
    const told = (await paired(log)).map(({ start, end, startPlace, endPlace }) => [
      start,
      end,
      startPlace?.line,
      endPlace?.line,
    ]);
    assert.deepEqual(told, [
      [3, 4, 2, 3],
      [1, 9, 1, 4],
    ]);
  });

  test('tells where a half is assumed, and why', async () => {
    const log = [
      record(1, 'A', 'End'),
      record(3, 'B', 'Start'),
      record(4, 'B', 'End'),
      record(5, 'A', 'Start'),
      record(7, 'B', 'End'),
    ];
    const told = (await paired(log)).map(({ name, start, end, startBasis, endBasis }) => [
      name,
      start,
      end,
      startBasis,
      endBasis,
    ]);
    assert.deepEqual(told, [
      ['A', 1, 1, 'earliest record', 'record'],
      ['B', 3, 4, 'record', 'record'],
      ['B', 1, 7, 'earliest record', 'record'],
      ['A', 5, 7, 'record', 'latest record'],
    ]);
  });

  describe('with a timeout', () => {
    test('closes sessions at the last sign of life before a silence', async () => {
      const log = [
        record(0, 'A', 'Start'),
        record(5, 'A', 'Start'),
        record(16, 'A', 'Start'),
        record(20, 'B', 'Start'),
      ];
      const told = (await paired(log, EVERYTHING, 10)).map(({ name, start, end, endBasis }) => [
        name,
        start,
        end,
        endBasis,
      ]);
      assert.deepEqual(told, [
        ['A', 0, 5, 'timeout'],
        ['A', 5, 5, 'timeout'],
        ['A', 16, 20, 'latest record'],
        ['B', 20, 20, 'latest record'],
      ]);
    });

    test('lets a session whose End comes last as long as it does', async () => {
      const log = [
        record(0, 'A', 'Start'),
        record(100, 'A', 'Start'),
        record(140, 'A', 'End'),
        record(200, 'A', 'End'),
        record(300, 'A', 'Start'),
        record(350, 'A', 'End'),
      ];
      assert.deepEqual(await paired(log, EVERYTHING, 10), await paired(log));
    });

    test('begins a session whose Start is missing with the log, as without one', async () => {
      const log = [record(0, 'B', 'Start'), record(50, 'A', 'End')];
      const told = (await paired(log, EVERYTHING, 10)).map(
        ({ name, start, end, startBasis, endBasis }) => [name, start, end, startBasis, endBasis],
      );
      assert.deepEqual(told, [
        ['A', 0, 50, 'earliest record', 'record'],
        ['B', 0, 0, 'record', 'timeout'],
      ]);
    });

    test('ends at the last record what is silent when the log ends', async () => {
      const log = [record(0, 'A', 'Start'), record(20, 'B', 'Start')];
      const told = (await paired(log, EVERYTHING, 10)).map(({ name, end, endBasis }) => [
        name,
        end,
        endBasis,
      ]);
      assert.deepEqual(told, [
        ['A', 0, 'timeout'],
        ['B', 20, 'latest record'],
      ]);
    });

    test('lets a silence of exactly the timeout pass', async () => {
      const log = [record(0, 'A', 'Start'), record(10, 'A', 'End')];
      assert.deepEqual(
        (await paired(log, EVERYTHING, 10)).map(({ start, end }) => [start, end]),
        [[0, 10]],
      );
    });

    test('changes nothing where it is longer than the log', async () => {
      await fc.assert(
        fc.asyncProperty(sortedLogs, async (log) => {
          assert.deepEqual(await paired(log, EVERYTHING, 13), await paired(log));
        }),
      );
    });
  });
});

function record(time: number, name: string, kind: 'Start' | 'End'): TestEvent {
  return { time, name, start: kind === 'Start' };
}

function rangeBetween([p, q]: [number, number]): TimeRange {
  return { from: Math.min(p, q), to: Math.max(p, q) };
}

async function paired(
  log: readonly TestEvent[],
  range = EVERYTHING,
  timeoutMs?: number,
): Promise<PairedSession[]> {
  const ends = { first: log[0]?.time ?? 0, last: log.at(-1)?.time ?? 0 };
  const options: PairingOptions = { ...range, ...ends, timeoutMs };
  return (await Array.fromAsync(pairedSessions(batchesOf(log, 3), options))).flat();
}

type Sums = Record<string, [sessions: number, carried: number, durationMs: number]>;

function sumsOf(paired: readonly PairedSession[]): Sums {
  const sums: Sums = {};
  for (const { name, carried, durationMs } of paired) {
    const [sessions, before, total] = (Object.hasOwn(sums, name) && sums[name]) || [0, 0, 0];
    sums[name] = [sessions + (carried ? 0 : 1), before + (carried ? 1 : 0), total + durationMs];
  }
  return sums;
}

function billed(log: readonly TestEvent[], range: TimeRange): Sums {
  const aggregation = sessions(range);
  const state = aggregation.zero();
  for (const batch of batchesOf(log)) aggregation.add(state, batch);
  const users = [...aggregation.finish(state).users()];
  const present = users.filter(
    ({ sessions, carried, durationMs }) => sessions > 0 || carried > 0 || durationMs > 0n,
  );
  return Object.fromEntries(
    present.map(({ name, ...sums }) => [
      name,
      [sums.sessions, sums.carried, Number(sums.durationMs)],
    ]),
  );
}
