import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type ConnectionResult, connections } from '../../src/aggregations/connections.ts';
import { WindowStates } from '../../src/aggregations/window-states.ts';
import type { Row } from '../../src/core/table.ts';
import { arbitraryConnections, batchesOf, type TestConnection } from '../support/events.ts';

/** A window of ten each; more than are kept ready for batches to come. */
const WINDOWS = 200;
const logs = arbitraryConnections({ maxLength: 300, times: fc.nat(WINDOWS * 10 - 1) });

describe('WindowStates', () => {
  test('counts each window as if it were alone', () => {
    const orders = fc.constantFrom(1, 7, 300);
    fc.assert(
      fc.property(logs, orders, fc.boolean(), (log, size, saves) => {
        let states = new WindowStates(connections(), rowsOf);
        for (let from = 0; from < log.length; from += size) {
          // Each with a dictionary of its own, as when names are learned anew.
          add(states, log.slice(from, from + size));
          if (saves)
            states = new WindowStates(connections(), rowsOf, structuredClone(states.save()));
        }
        for (let start = 0; start < WINDOWS * 10; start += 10) {
          const own = log.filter(({ time }) => time >= start && time < start + 10);
          const window = { start, end: start + 10 };
          assert.deepEqual(states.rows(window), own.length > 0 ? alone(own) : []);
          assert.deepEqual(states.close(window), alone(own));
          assert.deepEqual(states.rows(window), []);
          assert.deepEqual(states.close(window), alone([]));
          assert.deepEqual(states.close(window, 25), []);
        }
      }),
    );
  });

  test('takes one window after the other from batches of one dictionary', () => {
    const states = new WindowStates(connections(), rowsOf);
    const log = Array.from({ length: 5000 }, (_, i) => connection(i % 2000, `host${i % 7}`));
    const batches = batchesOf(
      log.toSorted((a, b) => a.time - b.time),
      5,
    );
    for (const batch of batches) states.add(windowAt(batch.time[0]!), batch);
    assert.deepEqual(
      states.close({ start: 0, end: 10 }),
      alone(log.filter(({ time }) => time < 10)),
    );
  });

  test('forgets a window that is closed', () => {
    const states = new WindowStates(connections(), rowsOf);
    add(states, [connection(1, 'a'), connection(11, 'b')]);
    states.close({ start: 0, end: 10 });
    assert.equal((states.save() as unknown[]).length, 1);
  });
});

function connection(time: number, name: string): TestConnection {
  return { time, name, object: 'z', start: true };
}

function windowAt(time: number) {
  const start = Math.floor(time / 10) * 10;
  return { start, end: start + 10 };
}

function add(states: WindowStates<ConnectionResult>, log: readonly TestConnection[]): void {
  for (const own of Map.groupBy(log, ({ time }) => windowAt(time).start).values())
    for (const batch of batchesOf(own)) states.add(windowAt(own[0]!.time), batch);
}

function alone(log: readonly TestConnection[]): Row[] {
  const { zero, add: count, finish } = connections();
  const state = zero();
  for (const batch of batchesOf(log)) count(state, batch);
  return rowsOf(finish(state));
}

function rowsOf({ counted, hosts }: ConnectionResult): Row[] {
  const rows = [...hosts()].map(
    ({ name, sent, received, itself }): Row => [name, sent, received, itself],
  );
  return [[counted], ...rows.sort((a, b) => (a[0]! < b[0]! ? -1 : 1))];
}
