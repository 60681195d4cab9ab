import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { SqliteVersion } from '../../../src/stores/sqlite/sqlite-version.ts';
import { commitOf, EVERY_FIELD } from '../../support/commits.ts';
import { newFolder } from '../../support/live.ts';

describe('the version of a store that is read', () => {
  const query = { stream: 'events', subject: 'ant', type: undefined, from: 0 };

  test('is one for a turn of the event loop, and the latest in the next', async () => {
    using folder = newFolder();
    const path = folder.at('store.db');
    const [writer, reader] = [sqlite({ path }), sqlite({ path })];
    const counted = async () => {
      const counts = new Float64Array(1);
      await reader.addHours(query, counts);
      return [counts[0], (await reader.inputs('events')).length];
    };
    await writer.addStream(EVERY_FIELD);
    await eventLoopTurn();
    assert.deepEqual(await counted(), [0, 0]);
    await writer.commit(commitOf([{ time: 1, subject: 'ant' }]));
    assert.deepEqual(await counted(), [0, 0]);
    await eventLoopTurn();
    assert.deepEqual(await counted(), [1, 1]);
    await writer.close();
    await reader.close();
  });

  test('may end sooner, or with the store', async () => {
    const db = new DatabaseSync(':memory:');
    const version = new SqliteVersion(db);
    version.settle();
    db.exec('ROLLBACK'); // as SQLite does where a disk fails
    await eventLoopTurn();
    version.settle();
    db.close();
    await eventLoopTurn();
  });

  test('does not end what is read over several turns', async () => {
    using folder = newFolder();
    const store = sqlite({ path: folder.at('store.db') });
    await store.addStream(EVERY_FIELD);
    const rows = Array.from({ length: 9000 }, (_, i) => ({ time: i, subject: 'ant' }));
    const { input } = await store.commit(commitOf(rows));
    const [segment] = await store.segments(input);
    let read = 0;
    for await (const batch of store.events(segment!.id, new EventBatch())) {
      read += batch.length;
      await store.streams();
      await eventLoopTurn();
    }
    assert.equal(read, rows.length);
    await store.close();
  });

  test('is the latest for who has written it, in the same turn', async () => {
    using folder = newFolder();
    const store = sqlite({ path: folder.at('store.db') });
    await store.addStream(EVERY_FIELD);
    assert.deepEqual(await store.inputs('events'), []);
    await store.commit(commitOf([{ time: 1, subject: 'ant' }]));
    assert.equal((await store.inputs('events')).length, 1);
    await store.close();
  });
});
