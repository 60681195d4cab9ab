import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type MeterOptions, type MeterResult, meters } from '../../src/aggregations/meters.ts';
import { HOUR, MINUTE } from '../../src/core/time.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { aggregationLaws } from '../support/aggregation-laws.ts';
import { batchesOf, type TestEvent } from '../support/events.ts';

const TOKENS = {
  ...EVERYTHING,
  aggregation: 'SUM',
  type: 'prompt',
  valueProperty: '$.tokens',
  groupBy: [],
  filters: [],
  bySubject: false,
  zone: 'UTC',
} satisfies MeterOptions;
const COUNT = { ...TOKENS, aggregation: 'COUNT', valueProperty: undefined } satisfies MeterOptions;
const AGGREGATIONS = ['COUNT', 'SUM', 'MIN', 'MAX', 'AVG', 'UNIQUE_COUNT', 'LATEST'] as const;

const tokens = fc.oneof(
  fc.integer({ min: -50, max: 50 }).map(String),
  fc.constantFrom('1.50', '2e3', '"7.25"', '0.1', '"0.1"', '9007199254740993', '-1e-7'),
  fc.constantFrom('null', '"many"', '{}', '[1]', 'true', '""'),
);
const datas = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ tokens, model: fc.constantFrom('"a"', '"b"', '7', 'null', '[]') }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ model: '"__proto__"' }, {}) },
);
const prompts: fc.Arbitrary<TestEvent> = fc.record({
  time: fc.oneof(fc.nat(10), fc.integer({ min: -3 * HOUR, max: 3 * HOUR })),
  name: fc.constantFrom('acme', 'constructor', '10'),
  type: fc.constantFrom('prompt', 'prompt', 'login', '__proto__'),
  start: fc.constant(true),
  data: datas.map((data) => `{${Object.entries(data).map(([name, json]) => `"${name}":${json}`)}}`),
});
const logs = fc.array(prompts, { maxLength: 30 });

describe('a meter', () => {
  for (const aggregation of AGGREGATIONS) {
    describe(`of ${aggregation}`, () => {
      const options = {
        ...{ ...TOKENS, aggregation, every: '1h', bySubject: true, groupBy: ['$.model'] },
        ...(aggregation === 'COUNT' && { valueProperty: undefined }),
      };
      aggregationLaws(meters(options), { logs, shown: (result) => result, commutative: true });
    });
  }

  describe('of some in a range', () => {
    const options = {
      ...{ ...TOKENS, from: -HOUR, to: HOUR, subjects: ['constructor'], every: '1m' },
      filters: [{ path: '$.model', values: ['a', ''] }],
    };
    aggregationLaws(meters(options), { logs, shown: (result) => result, commutative: true });
  });

  test('adds up, finds the ends and the middle of what a reference finds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9999, max: 9999 }), { minLength: 1 }),
        (hundredths) => {
          const log = hundredths.map((each, i) => prompt(i, `{"tokens":${each / 100}}`));
          const metered = (aggregation: (typeof AGGREGATIONS)[number]) =>
            Number(resultOf(log, { ...TOKENS, aggregation }).rows[0]!.value);
          const sum = hundredths.reduce((total, each) => total + each, 0);
          assert.equal(metered('SUM'), sum / 100);
          assert.equal(metered('MIN'), Math.min(...hundredths) / 100);
          assert.equal(metered('MAX'), Math.max(...hundredths) / 100);
          assert.ok(Math.abs(metered('AVG') - sum / 100 / log.length) < 1e-9);
          assert.equal(metered('LATEST'), hundredths.at(-1)! / 100);
          assert.equal(metered('UNIQUE_COUNT'), new Set(hundredths).size);
        },
      ),
    );
  });

  test('loses no digit', () => {
    const log = ['12345678901234567890.123', '"0.0000000000000000001"', '1e20'].map((json, i) =>
      prompt(i, `{"tokens":${json}}`),
    );
    assert.equal(metered(log, TOKENS), '112345678901234567890.1230000000000000001');
    const thirds = [1, 0, 0].map((each, i) => prompt(i, `{"tokens":${each}}`));
    assert.equal(metered(thirds, { ...TOKENS, aggregation: 'AVG' }), '0.3333333333333333333');
  });

  test('tells how many events have no value that is of use', () => {
    const values = ['{"tokens":"many"}', '{"tokens":null}', '{}', '12', '', '{"tokens":[1]}'];
    const log = [...values, '{"tokens":3}'].map((data, i) => prompt(i, data));
    const { rows, counted, skipped } = resultOf(log, TOKENS);
    assert.deepEqual([rows[0]?.value, counted, skipped], ['3', 1, 6]);
    const unique = resultOf(log, { ...TOKENS, aggregation: 'UNIQUE_COUNT' });
    assert.deepEqual([unique.rows[0]?.value, unique.skipped], ['2', 5]);
    assert.deepEqual(resultOf(log, COUNT).skipped, 0);
  });

  test('tells windows, subjects and groups apart', () => {
    const log = [
      prompt(HOUR, '{"model":"b"}', 'zoe'),
      prompt(HOUR + 1, '{"model":"a"}', 'acme'),
      prompt(1, '{"model":7}', 'acme'),
      prompt(2, '{"model":{}}', 'acme'),
      prompt(3, '{}', 'acme'),
      prompt(HOUR + 2, '{"model":"a"}', 'acme'),
    ];
    const options = { ...COUNT, bySubject: true, groupBy: ['$.model', '$.x'], every: '1h' };
    assert.deepEqual(resultOf(log, options).rows, [
      { start: 0, subject: 'acme', groups: ['7', null], value: '1' },
      { start: 0, subject: 'acme', groups: [null, null], value: '2' },
      { start: HOUR, subject: 'acme', groups: ['a', null], value: '2' },
      { start: HOUR, subject: 'zoe', groups: ['b', null], value: '1' },
    ]);
  });

  test('has days and months of a zone', () => {
    const log = [
      '2021-03-27T23:00Z',
      '2021-03-28T21:59Z',
      '2021-03-28T22:00Z',
      '2021-03-31T22:00Z',
    ];
    const startsOf = (every: string) =>
      resultOf(
        log.map((time) => prompt(Date.parse(time), '')),
        { ...COUNT, every, zone: 'Europe/Berlin' },
      ).rows.map(({ start, value }) => `${new Date(start).toISOString().slice(0, 13)} ${value}`);
    assert.deepEqual(startsOf('1d'), ['2021-03-27T23 2', '2021-03-28T22 1', '2021-03-31T22 1']);
    assert.deepEqual(startsOf('1mo'), ['2021-02-28T23 3', '2021-03-31T22 1']);
  });

  test('takes only events of its type, range and subjects', () => {
    const log = [
      prompt(0, ''),
      prompt(MINUTE, ''),
      prompt(MINUTE, '', 'other'),
      { ...prompt(0, ''), type: 'login' },
    ];
    assert.equal(metered(log, COUNT), '3');
    assert.equal(metered(log, { ...COUNT, to: MINUTE }), '1');
    assert.equal(metered(log, { ...COUNT, from: MINUTE }), '2');
    assert.equal(metered(log, { ...COUNT, subjects: ['other', 'nobody'] }), '1');
    assert.equal(metered(log, { ...COUNT, subjects: [] }), undefined);
    assert.equal(metered(log, { ...COUNT, type: undefined }), '4');
    assert.equal(metered(log, { ...COUNT, type: 'constructor' }), undefined);
  });

  test('takes events of some groups only, of which none is the empty text', () => {
    const log = ['{"model":"a"}', '{"model":"b"}', '{}', '{"model":1.0}'].map((data, i) =>
      prompt(i, data),
    );
    const countOf = (...values: string[]) =>
      resultOf(log, { ...COUNT, filters: [{ path: '$.model', values }] }).counted;
    assert.deepEqual([countOf('a'), countOf('a', 'b'), countOf(''), countOf('1.0')], [1, 2, 1, 1]);
    assert.deepEqual([countOf('1'), countOf()], [0, 0]);
  });

  test('reads a column of values where there is one', () => {
    const log = [12_50n, -50n].map((value, i) => ({ ...prompt(i, ''), value, scale: 2 }));
    assert.equal(metered(log, { ...TOKENS, valueProperty: '$.value', valueColumn: true }), '12');
  });
});

function prompt(time: number, data: string, name = 'acme'): TestEvent {
  return { time, name, type: 'prompt', start: true, data };
}

function resultOf(log: readonly TestEvent[], options: MeterOptions): MeterResult {
  const { zero, add, finish } = meters(options);
  const state = zero();
  for (const batch of batchesOf(log, 3)) add(state, batch);
  return finish(state);
}

function metered(log: readonly TestEvent[], options: MeterOptions): string | undefined {
  return resultOf(log, options).rows[0]?.value;
}
