import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type CountOptions, type CountResult, counts } from '../../src/aggregations/counts.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { DAY, MINUTE } from '../../src/core/time.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { aggregationLaws } from '../support/aggregation-laws.ts';
import { countedOneByOne, shownCounts } from '../support/count-one-by-one.ts';
import { batchesOf, type TestEvent } from '../support/events.ts';

const HOUR = 60 * MINUTE;
const HOURLY: CountOptions = {
  ...EVERYTHING,
  interval: '1h',
  zone: 'UTC',
  byType: false,
  values: false,
};
/** Zones and an instant at which their clocks are changed, forward or back, by an hour or a half. */
const CHANGES: readonly (readonly [zone: string, instant: string])[] = [
  ['UTC', '2021-03-01T00:00:00Z'],
  ['Europe/Berlin', '2021-03-28T01:00:00Z'],
  ['Europe/Berlin', '2021-10-31T01:00:00Z'],
  ['Australia/Lord_Howe', '2021-04-03T15:00:00Z'],
  ['Australia/Lord_Howe', '2021-10-02T15:30:00Z'],
  ['America/St_Johns', '2021-03-14T05:30:00Z'],
  ['America/St_Johns', '2021-11-07T04:30:00Z'],
  ['Asia/Kolkata', '2021-02-28T18:30:00Z'],
];
const changes = fc
  .constantFrom(...CHANGES)
  .map(([zone, instant]) => ({ zone, at: Date.parse(instant) }));
const intervals = fc.constantFrom('10s', '1m', '15m', '30m', '1h', '6h', '12h', '1d', '1w', '1mo');
const distances = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
  fc.integer({ min: -3 * 24 * 60, max: 3 * 24 * 60 }).map((minutes) => minutes * MINUTE),
  fc.integer({ min: -40, max: 40 }).map((days) => days * DAY),
);

describe('counts', () => {
  const laws = { logs: usage(), shown: shownCounts, commutative: true };
  aggregationLaws(counts(HOURLY), laws);

  describe('of types apart, with values', () => {
    aggregationLaws(counts({ ...HOURLY, byType: true, values: true }), laws);
  });

  describe('of some subjects and types in a range', () => {
    const asked = { subjects: ['constructor', 'nobody'], types: ['login', '__proto__'] };
    const range = { from: -HOUR, to: 2 * HOUR + 1 };
    aggregationLaws(counts({ ...HOURLY, ...range, ...asked, values: true }), laws);
  });

  describe('of nobody', () => {
    aggregationLaws(counts({ ...HOURLY, subjects: [] }), laws);
  });

  test('are what counting one by one gives, wherever clocks are changed', () => {
    const asked = fc.option(fc.subarray(['acme', 'constructor', '__proto__', 'nobody', '10']), {
      nil: undefined,
    });
    const askedTypes = fc.option(fc.subarray(['login', 'constructor', 'nothing']), {
      nil: undefined,
    });
    const edges = fc.tuple(distances, distances, fc.nat(3));
    const requests = fc.tuple(changes, intervals, asked, askedTypes, edges, fc.boolean());
    fc.assert(
      fc.property(usage(60), requests, fc.boolean(), (log, request, byType) => {
        const [{ zone, at }, interval, subjects, types, [p, q, open], values] = request;
        const [from, to] = [at + Math.min(p, q), at + Math.max(p, q)];
        const range = {
          from: open & 1 ? EVERYTHING.from : from,
          to: open & 2 ? EVERYTHING.to : to,
        };
        const options = { ...range, interval, zone, subjects, types, byType, values };
        const moved = log.map((event) => ({ ...event, time: at + event.time }));
        assert.deepEqual(shownCounts(resultOf(moved, options)), countedOneByOne(moved, options));
      }),
      { numRuns: 1500 },
    );
  });

  test('add up over adjacent ranges, to the millisecond', () => {
    fc.assert(
      fc.property(usage(), distances, (log, edge) => {
        const options = { ...HOURLY, values: true };
        const { merge, finish } = counts(options);
        const { counted, subjects, bucketsOf } = finish(
          merge(stateOf(log, { ...options, to: edge }), stateOf(log, { ...options, from: edge })),
        );
        const result = { ...resultOf(log, options), subjects, bucketsOf };
        assert.equal(counted, log.length);
        assert.deepEqual(shownCounts(result), countedOneByOne(log, options));
      }),
    );
  });

  test('tell subjects apart by every byte of their names', () => {
    const names = ['acme', 'Acme', 'acm', 'acme1', '10', '010', '1e1', 'Zoë', 'Zoe\u0308', ' a'];
    const { subjects, bucketsOf } = resultOf(
      names.map((name, i) => event(i, name)),
      HOURLY,
    );
    assert.deepEqual(
      subjects().flatMap(bucketsOf),
      names.map((subject) => ({ subject, type: '', start: 0, count: 1 })),
    );
  });

  test('hold the hours of a year of many subjects', () => {
    const log = Array.from({ length: 100_000 }, (_, i) => event(i * 7919 * 1000, `s${i % 37}`));
    const { save, load, finish } = counts(HOURLY);
    const state = stateOf(log, HOURLY);
    const expected = countedOneByOne(log, HOURLY);
    assert.deepEqual(shownCounts(finish(state)), expected);
    assert.deepEqual(shownCounts(finish(load(structuredClone(save(state))))), expected);
  });

  test('are exact where values are longer than doubles', () => {
    const most = 2n ** 63n - 1n;
    const log = Array.from({ length: 3 }, (_, i) => ({ ...event(i, 'acme'), value: most }));
    const small = { ...event(4, 'acme'), value: -1n, scale: 18 };
    const [bucket] = resultOf([...log, small], { ...HOURLY, values: true }).bucketsOf('acme');
    const one = 10n ** 18n;
    assert.deepEqual(bucket!.values, {
      scale: 18,
      sum: 3n * most * one - 1n,
      min: -1n,
      max: most * one,
    });
  });

  test('know the first and the last event of the range, whoever they are of', () => {
    const log = [event(5, 'a'), event(1, 'b'), event(9, 'c'), event(12, 'a')];
    const extentOf = (options: Partial<CountOptions>) =>
      resultOf(log, { ...HOURLY, ...options }).extent;
    assert.deepEqual(extentOf({}), { first: 1, last: 12 });
    assert.deepEqual(extentOf({ subjects: ['a'], to: 12 }), { first: 1, last: 9 });
    assert.deepEqual(extentOf({ from: 13 }), undefined);
  });

  test('refuse batches of two dictionaries, whose numbers mean other names', () => {
    const { zero, add } = counts(HOURLY);
    const state = zero();
    add(state, batchesOf([event(1, 'a')])[0]!);
    assert.throws(() => add(state, batchesOf([event(1, 'b')])[0]!), /one dictionary/);
  });

  test('refuse intervals that no clock has', () => {
    for (const interval of ['0', '0h', '7m', '5h', '2d', '25h', '1.5h', '-1h', '1y', ''])
      assert.throws(() => counts({ ...HOURLY, interval }), DaybookError, interval);
  });
});

/** Events of a few subjects and types around 1970, with values of several scales. */
function usage(maxLength = 40): fc.Arbitrary<TestEvent[]> {
  const small = fc.bigInt({ min: -1000n, max: 1000n });
  const wide = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const usual = fc.record({
    time: distances,
    name: fc.constantFrom('acme', 'constructor', '__proto__', '10', 'Zoë'),
    type: fc.constantFrom('login', 'constructor', '__proto__', ''),
    value: fc.oneof(small, wide),
    scale: fc.constantFrom(0, 0, 2, 3, 18),
    start: fc.constant(true),
  });
  return fc.array(usual, { maxLength });
}

function event(time: number, name: string): TestEvent {
  return { time, name, type: 'login', start: true };
}

function stateOf(log: readonly TestEvent[], options: CountOptions) {
  const { zero, add } = counts(options);
  const state = zero();
  for (const batch of batchesOf(log, log.length > 1000 ? undefined : 7)) add(state, batch);
  return state;
}

function resultOf(log: readonly TestEvent[], options: CountOptions): CountResult {
  return counts(options).finish(stateOf(log, options));
}
