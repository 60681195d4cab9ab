import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ConnectionOptions,
  type ConnectionResult,
  connections,
} from '../../src/aggregations/connections.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { aggregationLaws } from '../support/aggregation-laws.ts';
import { arbitraryConnections, batchesOf, type TestConnection } from '../support/events.ts';

const laws = { logs: arbitraryConnections(), shown, commutative: true };
const EVERY_HOST: ConnectionOptions = { ...EVERYTHING, everyHost: true };
const ONE_HOST: ConnectionOptions = { ...EVERYTHING, everyHost: false, host: 'Matina' };

describe('connections', () => {
  aggregationLaws(connections(), laws);

  describe('of one host', () => {
    aggregationLaws(connections(ONE_HOST), laws);
  });

  describe('of one host and of every host', () => {
    aggregationLaws(connections({ ...EVERY_HOST, host: '__proto__' }), laws);
  });

  describe('in a range', () => {
    const range = { from: 3, to: 9 };
    aggregationLaws(connections({ ...EVERY_HOST, ...range }), laws);
    aggregationLaws(connections({ ...ONE_HOST, ...range }), laws);
  });

  describe('of a host that is nowhere', () => {
    aggregationLaws(connections({ ...ONE_HOST, host: 'nobody' }), laws);
  });

  test('counts a connection of a host with itself once in each direction', () => {
    const log = [connection(1, 'Matina', 'Matina'), connection(2, 'Matina', 'Keimy')];
    const { hosts, peers } = resultOf(log, { ...ONE_HOST, everyHost: true });
    assert.deepEqual(
      [...hosts()],
      [
        { name: 'Matina', sent: 2, received: 1, itself: 1 },
        { name: 'Keimy', sent: 0, received: 1, itself: 0 },
      ],
    );
    assert.deepEqual(
      [...peers()],
      [
        { name: 'Matina', inbound: 1, outbound: 1 },
        { name: 'Keimy', inbound: 0, outbound: 1 },
      ],
    );
  });

  test('tells hosts apart by every byte of their names', () => {
    const names = ['Matina', 'matina', 'Matin', 'Matina1', '10', '010', '1e1', 'Zoë', 'Zoe\u0308'];
    const log = names.map((name, i) => connection(i, name, 'Keimy'));
    const { hosts } = resultOf(log, EVERY_HOST);
    const alone = names.map((name) => ({ name, sent: 1, received: 0, itself: 0 }));
    assert.deepEqual(
      [...hosts()].filter(({ name }) => name !== 'Keimy'),
      alone,
    );
  });

  test('has no peers, hosts or records where there are none', () => {
    for (const options of [EVERY_HOST, ONE_HOST, { ...ONE_HOST, everyHost: true }])
      assert.deepEqual(shown(resultOf([], options)), {
        counted: 0,
        filtered: 0,
        hosts: [],
        peers: [],
      });
  });

  test('counts what counting one by one gives', () => {
    const hosts = fc.option(fc.constantFrom('Matina', 'constructor', '__proto__', 'nobody'), {
      nil: undefined,
    });
    const edge = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constant(Number.NaN));
    const logs = arbitraryConnections({ maxLength: 200, times: fc.nat(10) });
    fc.assert(
      fc.property(logs, hosts, fc.boolean(), edge, edge, (log, host, everyHost, p, q) => {
        const [from, to] = [p, q].sort((a, b) => a - b) as [number, number];
        const range = Number.isNaN(p + q) ? EVERYTHING : { from, to };
        const options = { ...range, host, everyHost: everyHost || host === undefined };
        assert.deepEqual(shown(resultOf(log, options)), countedOneByOne(log, options));
      }),
      { numRuns: 1000 },
    );
  });

  test('counts of what each host sent the same where nothing else is wanted', () => {
    fc.assert(
      fc.property(arbitraryConnections({ times: fc.nat(12) }), fc.nat(12), (log, from) => {
        const sentOf = (options: ConnectionOptions) => {
          const { counted, filtered, hosts } = resultOf(log, options);
          const senders = [...hosts()].filter(({ sent }) => sent > 0);
          return { counted, filtered, sent: senders.map(({ name, sent }) => [name, sent]) };
        };
        const options = { ...EVERY_HOST, from };
        assert.deepEqual(sentOf({ ...options, sentOnly: true }), sentOf(options));
      }),
    );
  });

  test('adds up over adjacent ranges', () => {
    fc.assert(
      fc.property(arbitraryConnections({ times: fc.nat(12) }), fc.nat(12), (log, edge) => {
        const options = { ...EVERY_HOST, host: 'Matina' };
        const parts = [
          { ...options, to: edge },
          { ...options, from: edge },
        ].map((part) => stateOf(log, part));
        const { merge, finish } = connections(options);
        const { counted, hosts, peers } = finish(merge(parts[0]!, parts[1]!));
        const whole = resultOf(log, options);
        assert.equal(counted, log.length);
        assert.deepEqual(byName(hosts()), byName(whole.hosts()));
        assert.deepEqual(byName(peers()), byName(whole.peers()));
      }),
    );
  });

  test('refuses batches of two dictionaries, whose numbers mean other names', () => {
    const { zero, add } = connections();
    const state = zero();
    const [one, other] = [
      batchesOf([connection(1, 'a', 'b')]),
      batchesOf([connection(1, 'b', 'a')]),
    ];
    add(state, one[0]!);
    assert.throws(() => add(state, other[0]!), /one dictionary/);
  });
});

function connection(time: number, name: string, object: string): TestConnection {
  return { time, name, object, start: true };
}

function stateOf(log: readonly TestConnection[], options: ConnectionOptions) {
  const { zero, add } = connections(options);
  const state = zero();
  for (const batch of batchesOf(log, 7)) add(state, batch);
  return state;
}

function resultOf(log: readonly TestConnection[], options: ConnectionOptions): ConnectionResult {
  return connections(options).finish(stateOf(log, options));
}

/** A result as plain data; what has no stated order is sorted. */
function shown({ counted, filtered, hosts, peers }: ConnectionResult) {
  return { counted, filtered, hosts: byName(hosts()), peers: byName(peers()) };
}

function byName<Named extends { readonly name: string }>(found: Iterable<Named>): Named[] {
  return [...found].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The same numbers found the plain and slow way. */
function countedOneByOne(
  log: readonly TestConnection[],
  { from, to, host, everyHost }: ConnectionOptions,
): ReturnType<typeof shown> {
  const inRange = log.filter(({ time }) => time >= from && time < to);
  const names = [...new Set(log.flatMap(({ name, object }) => [name, object]))];
  const count = (source: string | undefined, target: string | undefined) =>
    inRange.filter(
      ({ name, object }) =>
        (source === undefined || name === source) && (target === undefined || object === target),
    ).length;
  const totals = names.map((name) => ({
    name,
    sent: count(name, undefined),
    received: count(undefined, name),
    itself: count(name, name),
  }));
  const peers = names.map((name) => ({
    name,
    inbound: count(name, host ?? ''),
    outbound: count(host ?? '', name),
  }));
  const counted = everyHost
    ? inRange.length
    : inRange.filter(({ name, object }) => name === host || object === host).length;
  return {
    counted,
    filtered: log.length - counted,
    hosts: everyHost ? byName(totals.filter(({ sent, received }) => sent + received > 0)) : [],
    peers: byName(peers.filter(({ inbound, outbound }) => inbound + outbound > 0)),
  };
}
