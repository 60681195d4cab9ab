import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { EventBatch } from '../../src/core/event-batch.ts';
import { EventColumns, packedBytes } from '../../src/pipeline/event-columns.ts';
import { arbitraryLog, batchesOf } from '../support/events.ts';

/** Close together, far apart, and so far apart that times and indexes fit no common key. */
const logs = fc.oneof(
  arbitraryLog(),
  arbitraryLog({ times: fc.oneof(fc.nat(3), fc.integer({ min: -4.3e15, max: 4.3e15 })) }),
  arbitraryLog({ times: fc.constantFrom(-8.64e15, 8.64e15, 0) }),
);

describe('EventColumns', () => {
  test('orders events by time, equal times as they were added', () => {
    fc.assert(
      fc.property(logs, (log) => {
        const columns = columnsOf(batchesOf(log), log.length, false);
        const sorted = log.map((_, i) => i).sort((a, b) => log[a]!.time - log[b]!.time);
        assert.deepEqual([...columns.timeOrder()], sorted);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same when packed and unpacked, with places and without', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), (log, places) => {
        const columns = columnsOf(batchesOf(log), log.length, places);
        const bytes = columns.pack();
        assert.equal(bytes.length, packedBytes(log.length, places));
        assert.deepEqual(shown(EventColumns.unpack(bytes.slice(), places)), shown(columns));
      }),
    );
  });

  test('picks events in any order', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), fc.nat(), fc.nat(), (log, places, a, b) => {
        const columns = columnsOf(batchesOf(log), log.length, places);
        const order = Uint32Array.from(log, (_, i) => log.length - 1 - i);
        const [from = 0, to = 0] = [a % (log.length + 1), b % (log.length + 1)].sort(
          (x, y) => x - y,
        );
        const picked = columns.picked(order, from, to);
        assert.deepEqual(shown(picked), shown(columns).toReversed().slice(from, to));
        assert.deepEqual(shown(EventColumns.unpack(picked.pack(), places)), shown(picked));
      }),
    );
  });

  test('takes as many events as there is room for, and more when enlarged', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), fc.integer({ min: 1, max: 5 }), (log, places, capacity) => {
        let columns = new EventColumns(capacity, places);
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
        assert.deepEqual(shown(columns), shown(columnsOf(batchesOf(log), log.length, places)));
      }),
    );
  });
});

function columnsOf(
  batches: readonly EventBatch[],
  capacity: number,
  places: boolean,
): EventColumns {
  const columns = new EventColumns(capacity, places);
  for (const batch of batches) assert.equal(columns.append(batch, 0), batch.length);
  return columns;
}

function shown(columns: EventColumns): (number | undefined)[][] {
  const { time, subject, kind, line, position, input } = columns;
  return Array.from({ length: columns.length }, (_, i) =>
    [time, subject, kind, line, position, input].map((column) => column[i]),
  );
}
