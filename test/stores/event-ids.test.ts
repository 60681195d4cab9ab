import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FATE } from '../../src/core/store.ts';
import { EventIds, keyOf } from '../../src/stores/event-ids.ts';
import { listOf } from '../support/commits.ts';

const UUID = '0190c3f5-7c1e-7aaa-8bbb-0123456789ab';

describe('ids of events', () => {
  test('are kept in sixteen bytes where they are UUIDs, and never mistaken for each other', () => {
    const short = keyOf(Buffer.from(UUID));
    assert.equal(Buffer.from(short).toString('hex'), '010190c3f57c1e7aaa8bbb0123456789ab');
    const others = [UUID.toUpperCase(), UUID.replace('-', ':'), UUID.slice(1), `${UUID}0`, ''];
    for (const other of others) assert.equal(keyOf(Buffer.from(other))[0], 0);
    assert.deepEqual([...keyOf(Buffer.from([1, 0]))], [0, 1, 0]);
  });

  test('count where they stand first, wherever they stand', () => {
    const row = fc.record({
      id: fc.oneof(fc.constantFrom('', 'a', 'b', 'é', UUID), fc.string({ maxLength: 2 })),
      time: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), fc.nat(40), (rows, cut) => {
        const known = new Map<string, number>();
        const expected = rows.map(({ id, time }) => {
          if (id === '') return 'counted';
          const first = known.get(id);
          known.set(id, first ?? time);
          return first === undefined ? 'counted' : first === time ? 'duplicate' : 'conflict';
        });
        const ids = new EventIds(database());
        const found: string[] = [];
        for (const some of [rows.slice(0, cut), rows.slice(cut)]) {
          const list = listOf(
            ['id'],
            some.map((event) => ({ subject: 'ant', ...event })),
          );
          const known = ids.add(1, list, Uint32Array.of(7));
          const { conflicts, duplicate, conflict } = known;
          const fates = Array.from(known.fates, (fate) => Object.keys(FATE)[fate]!);
          assert.equal(duplicate, fates.filter((fate) => fate === 'duplicate').length);
          assert.deepEqual(
            [conflict, conflicts.toSorted((a, b) => a - b)],
            [conflicts.length, conflicts],
          );
          found.push(...fates);
        }
        assert.deepEqual(found, expected);
      }),
    );
  });

  test('are compared beside names by what these are in the store', () => {
    const ids = new EventIds(database());
    const list = () => listOf(['type', 'id'], [{ time: 1, subject: 'ant', type: 'x', id: 'one' }]);
    assert.equal(ids.add(1, list(), Uint32Array.of(7, 8, 9)).duplicate, 0);
    assert.equal(ids.add(1, list(), Uint32Array.of(7, 8, 9)).duplicate, 1);
    assert.equal(ids.add(1, list(), Uint32Array.of(7, 8, 6)).conflict, 1);
    assert.equal(ids.add(1, list(), Uint32Array.of(6, 8, 9)).conflict, 1);
    assert.equal(ids.add(2, list(), Uint32Array.of(6, 8, 9)).duplicate, 0, 'streams are apart');
  });
});

function database(): DatabaseSync {
  const db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE ids (stream, id, content, PRIMARY KEY (stream, id)) WITHOUT ROWID');
  return db;
}
