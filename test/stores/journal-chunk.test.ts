import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { EventField } from '../../src/core/event-list.ts';
import { packChunk, unpackChunk } from '../../src/stores/journal-chunk.ts';
import { Damaged } from '../../src/stores/packed.ts';
import { listOf } from '../support/commits.ts';

const FIELDS = ['object', 'type', 'kind', 'value', 'id', 'data'] as const;
const row = fc.record({
  time: fc.oneof(fc.nat(1000), fc.constantFrom(2 ** 53, -(2 ** 53))),
  subject: fc.constantFrom('ant', 'bee', ''),
  object: fc.constantFrom('ant', 'cat'),
  type: fc.constantFrom('x', 'y'),
  kind: fc.nat(1),
  value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  scale: fc.nat(18),
  id: fc.string({ unit: 'binary', maxLength: 5 }),
  data: fc.string({ unit: 'binary', maxLength: 200 }),
});

describe('a chunk of events', () => {
  test('has the columns that it was packed with, by any names', () => {
    const rows = fc.array(row, { minLength: 1, maxLength: 30 });
    const some = fc.subarray<EventField>([...FIELDS]);
    fc.assert(
      fc.property(rows, some, fc.nat(5), (events, fields, before) => {
        const list = listOf(fields, [...events.slice(0, before), ...events]);
        const from = Math.min(before, events.length);
        const chunk = packChunk(list, from, list.length);
        const batch = new EventBatch();
        const renumbered = Uint32Array.from({ length: list.names!.size }, (_, i) => 1000 - i);
        unpackChunk(chunk, events.length, fields, batch, renumbered);
        assert.equal(batch.length, events.length);
        for (const [i, event] of events.entries()) {
          const at = from + i;
          assert.equal(batch.time[i], event.time);
          assert.equal(batch.line[i], list.columns.line[at]);
          assert.equal(batch.position[i], list.columns.position[at]);
          for (const name of ['subject', 'object', 'type'] as const) {
            if (name !== 'subject' && !fields.includes(name)) continue;
            assert.equal(batch[name][i], 1000 - list.columns[name][at]!);
            assert.equal(list.names!.nameOf(list.columns[name][at]!), event[name]);
          }
          if (fields.includes('kind')) assert.equal(batch.kind[i], event.kind);
          if (fields.includes('value'))
            assert.deepEqual([batch.value[i], batch.scale[i]], [event.value, event.scale]);
          for (const name of ['id', 'data'] as const)
            if (fields.includes(name))
              assert.deepEqual(Buffer.from(batch[name].bytesOf(i)), Buffer.from(event[name]));
        }
      }),
    );
  });

  test('that was damaged is told', () => {
    const list = listOf(['id'], [{ time: 1, subject: 'ant', id: 'one' }]);
    const chunk = packChunk(list, 0, 1);
    for (let bit = 0; bit < 8 * chunk.length; bit++) {
      const damaged = Uint8Array.from(chunk);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const batch = new EventBatch();
      const unpack = () => unpackChunk(damaged, 1, ['id'], batch, Uint32Array.of(0));
      try {
        unpack();
      } catch (error) {
        assert.ok(error instanceof Damaged);
        continue;
      }
      // A bit of the frame's head that means nothing.
      assert.deepEqual([batch.time[0], batch.line[0], batch.id.length], [1, 1, 1]);
    }
  });
});
