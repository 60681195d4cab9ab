import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { sessionLogs } from '../../src/aggregations/session-logs.ts';
import {
  type SessionResult,
  type SessionTotals,
  sessions,
} from '../../src/aggregations/sessions.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { arbitraryLog, batchesOf, sortedLog, type TestEvent } from '../support/events.ts';

const logs = fc.array(arbitraryLog({ maxLength: 12, times: fc.nat(30) }).map(sortedLog), {
  maxLength: 6,
});
const ranges = fc.constantFrom(EVERYTHING, { from: 5, to: 20 });
/** Where each log is cut, and which neighbours are joined first. */
const cuts = fc.infiniteStream(fc.nat(12));

describe('sessionLogs', () => {
  test('adds up the bills of logs, however they are cut, saved and joined', () => {
    fc.assert(
      fc.property(logs, ranges, cuts, (events, range, cut) => {
        const next = () => cut.next().value;
        const aggregation = sessionLogs({ ...range, logs: events.map((_, i) => i) });
        let states = events.flatMap((log, input) => {
          const at = next();
          return [log.slice(0, at), log.slice(at)].map((slice) => {
            const state = aggregation.zero();
            for (const batch of ofInput(slice, input)) aggregation.add(state, batch);
            return aggregation.load(structuredClone(aggregation.save(state)));
          });
        });
        while (states.length > 1) {
          const at = next() % (states.length - 1);
          const joined = aggregation.merge(states[at]!, states[at + 1]!);
          states = states.toSpliced(at, 2, joined);
        }
        const found = aggregation.finish(states[0] ?? aggregation.zero());
        const each = events.map((log) => resultOf(log, range));
        assert.deepEqual([...found.users()], sumOf(each.flatMap((result) => [...result.users()])));
        assert.equal(
          found.counted,
          each.reduce((sum, { counted }) => sum + counted, 0),
        );
        assert.equal(
          found.filtered,
          each.reduce((sum, { filtered }) => sum + filtered, 0),
        );
        for (const [log, result] of each.entries())
          assert.deepEqual(found.extentOf(log), result.extentOf(0));
      }),
      { numRuns: 500 },
    );
  });

  test('says when the records of a log have to be sorted, and not when those of two overlap', () => {
    const orderOf = (...events: TestEvent[][]) => {
      const aggregation = sessionLogs({ ...EVERYTHING, logs: events.map((_, i) => i) });
      const states = events.map((log, input) => {
        const state = aggregation.zero();
        for (const batch of ofInput(log, input)) aggregation.add(state, batch);
        return state;
      });
      return aggregation.order!(states.reduce((a, b) => aggregation.merge(a, b)));
    };
    const [early, late] = [at(1), at(9)];
    assert.equal(orderOf([late], [early], [early]), 'total');
    assert.equal(orderOf([early], [late, { ...early, name: 'B' }], [early]), 'enough');
    assert.equal(orderOf([early], [late, early], [early], [late]), 'none');
  });
});

function at(time: number): TestEvent {
  return { time, name: 'A', start: true };
}

function ofInput(events: readonly TestEvent[], input: number) {
  return batchesOf(events).map((batch) => Object.assign(batch, { input: batch.input.fill(input) }));
}

function resultOf(log: readonly TestEvent[], range: typeof EVERYTHING): SessionResult {
  const aggregation = sessions(range);
  const state = aggregation.zero();
  for (const batch of batchesOf(log)) aggregation.add(state, batch);
  return aggregation.finish(state);
}

function sumOf(users: readonly SessionTotals[]): SessionTotals[] {
  const sums = new Map<string, SessionTotals>();
  for (const { name, sessions, durationMs, carried } of users) {
    const before = sums.get(name) ?? { sessions: 0, durationMs: 0n, carried: 0 };
    sums.set(name, {
      name,
      sessions: before.sessions + sessions,
      durationMs: before.durationMs + durationMs,
      carried: before.carried + carried,
    });
  }
  return [...sums.values()];
}
