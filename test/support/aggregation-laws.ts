import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Aggregation } from '../../src/core/aggregation.ts';
import { batchesOf, type TestEvent } from './events.ts';

/** What the laws need to know of an aggregation. */
export interface LawOptions<Result> {
  /** Inputs in an order that the aggregation counts as it comes. */
  readonly logs: fc.Arbitrary<TestEvent[]>;
  /** A result as plain data. */
  readonly shown: (result: Result) => unknown;
  /** Whether the order of the input does not show. */
  readonly commutative?: boolean;
}

/** The laws that every aggregation keeps, so that files may be cut and states kept. */
export function aggregationLaws<State, Result>(
  aggregation: Aggregation<State, Result>,
  options: LawOptions<Result>,
): void {
  const { logs, shown, commutative = false } = options;
  const stateOf = (events: readonly TestEvent[], batchSize?: number): State => {
    const state = aggregation.zero();
    for (const batch of batchesOf(events, batchSize)) aggregation.add(state, batch);
    return state;
  };
  const finished = (state: State) => shown(aggregation.finish(state));
  const cut = fc.nat(100).map((percent) => percent / 100);
  const cutAt = (events: readonly TestEvent[], share: number) => Math.round(events.length * share);

  test('does not depend on the size of batches', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 7 }), (log, size) => {
        assert.deepEqual(finished(stateOf(log, size)), finished(stateOf(log)));
      }),
    );
  });

  test('merges the states of a log cut anywhere into the state of the whole', () => {
    fc.assert(
      fc.property(logs, cut, (log, share) => {
        const at = cutAt(log, share);
        const merged = aggregation.merge(stateOf(log.slice(0, at)), stateOf(log.slice(at)));
        assert.deepEqual(finished(merged), finished(stateOf(log)));
      }),
    );
  });

  test('merges three states alike, whichever two come first', () => {
    fc.assert(
      fc.property(logs, cut, cut, (log, one, other) => {
        const [p, q] = [cutAt(log, Math.min(one, other)), cutAt(log, Math.max(one, other))];
        const slices = () =>
          [stateOf(log.slice(0, p)), stateOf(log.slice(p, q)), stateOf(log.slice(q))] as const;
        const [a, b, c] = slices();
        const [x, y, z] = slices();
        const left = aggregation.merge(aggregation.merge(a, b), c);
        const right = aggregation.merge(x, aggregation.merge(y, z));
        assert.deepEqual(finished(left), finished(right));
      }),
    );
  });

  test('is the same when it was saved and loaded', () => {
    fc.assert(
      fc.property(logs, cut, (log, share) => {
        const at = cutAt(log, share);
        const kept = (state: State) => aggregation.load(structuredClone(aggregation.save(state)));
        const merged = kept(
          aggregation.merge(kept(stateOf(log.slice(0, at))), kept(stateOf(log.slice(at)))),
        );
        assert.deepEqual(finished(merged), finished(stateOf(log)));
      }),
    );
  });

  if (!commutative) return;
  test('does not depend on the order of events', () => {
    fc.assert(
      fc.property(logs, fc.func(fc.integer()), (log, rank) => {
        const shuffled = log.toSorted((a, b) => rank(a) - rank(b));
        assert.deepEqual(finished(stateOf(shuffled)), finished(stateOf(log)));
      }),
    );
  });
}
