import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EventBatch } from '../../../src/core/event-batch.ts';
import {
  EventColumns,
  packedBytes,
  type RunLayout,
} from '../../../src/pipeline/batch/event-columns.ts';
import { arbitraryLog, batchesOf, withAllFields } from '../../support/events.ts';

/** Close together, far apart, and so far apart that times and indexes fit no common key. */
const logs = fc
  .oneof(
    arbitraryLog(),
    arbitraryLog({ times: fc.oneof(fc.nat(3), fc.integer({ min: -4.3e15, max: 4.3e15 })) }),
    arbitraryLog({ times: fc.constantFrom(-8.64e15, 8.64e15, 0) }),
  )
  .map(withAllFields);

/** What a bill needs. */
const BILL: RunLayout = { places: false, fields: ['kind'] };
const layouts: fc.Arbitrary<RunLayout> = fc.record({
  places: fc.boolean(),
  fields: fc.subarray(['object', 'type', 'kind', 'value'] as const),
});

describe('EventColumns', () => {
  test('orders events by time, equal times as they were added', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const columns = columnsOf(batchesOf(log), log.length, BILL);
        const sorted = log.map((_, i) => i).sort((a, b) => log[a]!.time - log[b]!.time);
        assert.deepEqual([...columns.timeOrder()], sorted);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same when packed and unpacked, whatever columns there are', () => {
    fc.assert(
      fc.property(logs, layouts, (log, layout) => {
        const columns = columnsOf(batchesOf(log), log.length, layout);
        const bytes = columns.pack();
        assert.equal(bytes.length, packedBytes(log.length, layout));
        assert.deepEqual(shown(EventColumns.unpack(bytes.slice(), layout)), shown(columns));
      }),
    );
  });

  test('picks events in any order', () => {
    fc.assert(
      fc.property(logs, layouts, fc.nat(), fc.nat(), (log, layout, a, b) => {
        const columns = columnsOf(batchesOf(log), log.length, layout);
        const order = Uint32Array.from(log, (_, i) => log.length - 1 - i);
        const [from = 0, to = 0] = [a % (log.length + 1), b % (log.length + 1)].sort(
          (x, y) => x - y,
        );
        const picked = columns.picked(order, from, to);
        assert.deepEqual(shown(picked), shown(columns).toReversed().slice(from, to));
        assert.deepEqual(shown(EventColumns.unpack(picked.pack(), layout)), shown(picked));
      }),
    );
  });

  test('takes as many events as there is room for, and more when enlarged', () => {
    fc.assert(
      fc.property(logs, layouts, fc.integer({ min: 1, max: 5 }), (log, layout, capacity) => {
        let columns = new EventColumns(capacity, layout);
        for (const batch of batchesOf(log, 7)) {
          for (let from = 0; from < batch.length; ) {
            const count = columns.append(batch, from);
            assert.equal(
              count,
              Math.min(batch.length - from, columns.capacity - columns.length + count),
            );
            from += count;
            if (columns.length === columns.capacity) columns = columns.enlarged(4);
          }
        }
        assert.deepEqual(shown(columns), shown(columnsOf(batchesOf(log), log.length, layout)));
      }),
    );
  });
});

function columnsOf(
  batches: readonly EventBatch[],
  capacity: number,
  layout: RunLayout,
): EventColumns {
  const columns = new EventColumns(capacity, layout);
  for (const batch of batches) assert.equal(columns.append(batch, 0), batch.length);
  return columns;
}

function shown(columns: EventColumns): (number | bigint | undefined)[][] {
  const { time, subject, object, type, kind, value, scale, line, position, input } = columns;
  const all = [time, subject, object, type, kind, value, scale, line, position, input];
  return Array.from({ length: columns.length }, (_, i) => all.map((column) => column[i]));
}
