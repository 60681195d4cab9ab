import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Buckets } from '../../src/core/buckets.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { Windows } from '../../src/core/windows.ts';

const HOUR = 3_600_000;
const specs = fc.record({
  every: fc.constantFrom('1s', '10s', '15m', '1h', '6h', '1d', '1w', '1mo'),
  align: fc.constant('clock' as const),
  zone: fc.constantFrom('UTC', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata'),
});
const times = fc.oneof(
  fc.integer({ min: Date.UTC(2021, 2, 27), max: Date.UTC(2021, 2, 29) }),
  fc.integer({ min: Date.UTC(2021, 3, 3), max: Date.UTC(2021, 3, 5) }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 53, -(2 ** 53)),
);

describe('Buckets', () => {
  test('are the windows of the clock, in whatever order they are asked for', () => {
    fc.assert(
      fc.property(specs, fc.array(times, { maxLength: 40 }), (spec, instants) => {
        const buckets = new Buckets(spec);
        for (const instant of instants) {
          const expected = new Windows(spec).at(instant);
          assert.equal(buckets.startOf(instant), expected.start);
          assert.deepEqual(buckets.at(instant), expected);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('are told apart where more are turned to than are kept', () => {
    const buckets = new Buckets({ every: '1h', align: 'clock', zone: 'UTC' });
    for (let round = 0; round < 2; round++)
      for (let hour = -3000; hour < 3000; hour++)
        assert.equal(buckets.startOf(hour * HOUR + 1), hour * HOUR);
  });

  test('need an interval of the clock', () => {
    for (const every of ['0', '7m', '2w'])
      assert.throws(() => new Buckets({ every, align: 'clock', zone: 'UTC' }), DaybookError, every);
  });
});
