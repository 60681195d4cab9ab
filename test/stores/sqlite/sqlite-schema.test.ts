import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import type { Keep, Stream } from '../../../src/core/store.ts';
import { EVERYTHING } from '../../../src/core/time-range.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { commitOf } from '../../support/commits.ts';
import { contentOf, minutesOf } from '../../support/store-content.ts';
import { LATEST_VERSION, takeBack } from '../../support/store-versions.ts';

const STREAMS: readonly Stream[] = [
  { name: 'events', format: 'csv', options: {}, fields: ['type'] },
  { name: 'hosts', format: 'connection-log', options: {}, fields: ['object'], eventsOnly: true },
];
const ROWS = [
  { time: 5, subject: 'ant', object: 'bee' },
  { time: 6, subject: 'ant', object: 'bee', type: 'login' },
  { time: 60_000, subject: 'bee', object: 'bee' },
];

/** A store of every earlier version, as it was made with the columns of now. */
async function storeOf(keep: Keep, version: number) {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-store-'));
  const path = join(folder, 'daybook.db');
  const store = sqlite({ path, keep });
  // Until version 3 every stream had rollups.
  for (const stream of STREAMS) {
    await store.addStream(version < 3 ? { ...stream, eventsOnly: false } : stream);
    await store.commit(commitOf(ROWS, { stream: stream.name, fields: stream.fields }));
  }
  await store.close();
  await takeBack(path, version);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

describe('a store of an earlier version', () => {
  for (const keep of ['events', 'rollups'] as const)
    for (let version = 1; version < LATEST_VERSION; version++)
      test(`(${version}) that keeps ${keep} is brought forward as it would be made now`, async () => {
        using old = await storeOf(keep, version);
        assert.throws(() => sqlite({ path: old.path, readOnly: true }), /of an older Daybook/);
        const store = sqlite({ path: old.path });
        using fresh = await storeOf(keep, LATEST_VERSION);
        const now = sqlite({ path: fresh.path });
        assert.deepEqual(await contentOf(store), await contentOf(now));
        const minutes = await minutesOf(store, { stream: 'hosts', ...EVERYTHING });
        assert.equal(minutes.length, keep === 'rollups' ? 2 : 0);
        await store.close();
        await now.close();
        const db = new DatabaseSync(old.path);
        const { streams } = db
          .prepare('SELECT count(DISTINCT stream) AS streams FROM rollups')
          .get()!;
        assert.equal(streams, keep === 'rollups' ? 2 : 1);
        db.close();
      });

  test('is left as it is where what it counted is damaged', async () => {
    using old = await storeOf('events', LATEST_VERSION - 1);
    const db = new DatabaseSync(old.path);
    db.exec(
      "UPDATE rollups SET minutes = x'00' WHERE subject = (SELECT max(subject) FROM rollups)",
    );
    assert.throws(() => sqlite({ path: old.path }), /it is damaged/);
    assert.equal(db.prepare('PRAGMA user_version').get()!['user_version'], LATEST_VERSION - 1);
    db.close();
  });
});

describe('a store that a newer Daybook brings forward', () => {
  test('takes nothing more from who has it open', async () => {
    using made = await storeOf('events', LATEST_VERSION);
    const store = sqlite({ path: made.path });
    const db = new DatabaseSync(made.path);
    db.exec(`CREATE TABLE later (name TEXT); PRAGMA user_version = ${LATEST_VERSION + 1}`);
    db.close();
    const commit = commitOf(ROWS, { name: 'more', fields: STREAMS[0]!.fields });
    await assert.rejects(store.commit(commit), /written by a newer Daybook/);
    assert.equal((await store.inputs('events')).length, 1);
    await store.close();
  });
});
