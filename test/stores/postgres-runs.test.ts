import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Client } from 'pg';
import type { RunHistory } from '../../src/core/run-history.ts';
import { connectPostgres } from '../../src/databases/postgres-client.ts';
import { databaseOptions } from '../../src/open/open-database.ts';
import { postgresRuns, runsSql } from '../../src/stores/postgres-runs.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';
import { runHistorySuite, runLike } from '../support/run-history-suite.ts';

const clients: Client[] = [];

/** Opens the history of a database; connections are ended when all tests are done. */
function opened(url: string, table?: string, readOnly = false): RunHistory {
  const options = databaseOptions('runs', { type: 'postgres', url });
  const connect = async () => {
    const { client } = await connectPostgres(options);
    clients.push(client);
    return client;
  };
  return postgresRuns({ connect, table, readOnly, place: 'database runs' });
}

async function newDatabase(sql = 'SELECT 1'): Promise<string> {
  return (await postgresServer()).database(sql);
}

const END_OTHERS =
  'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()';

/** Sets a default of the database in which it is run. */
const setting = (words: string) =>
  `DO $do$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET ${words}'; END $do$;`;

describe('the run history in PostgreSQL', needsPostgres(), () => {
  after(async () => {
    for (const client of clients) await client.end().catch(() => {});
  });

  runHistorySuite(async () => {
    // What the server is set to must not show.
    const url = await newDatabase(
      setting('TimeZone TO "Asia/Kolkata"') + setting('DateStyle TO "SQL, DMY"'),
    );
    const history = opened(url);
    return {
      history,
      again: async () => opened(url),
      [Symbol.asyncDispose]: () => history.close(),
    };
  });

  test('is in a table of any name and schema', async () => {
    const url = await newDatabase('CREATE SCHEMA "odd ""one"""');
    const history = opened(url, 'odd "one".Runs of reports_generated');
    const run = runLike();
    await history.begin(run);
    assert.deepEqual(await history.list({ limit: 1 }), [run]);
    await history.close();
  });

  test('is made once by many that begin at the same time', async () => {
    const url = await newDatabase();
    const histories = Array.from({ length: 8 }, () => opened(url));
    await Promise.all(histories.map((history) => history.begin(runLike())));
    assert.equal((await histories[0]!.list({ limit: 100 })).length, 8);
    await Promise.all(histories.map((history) => history.close()));
  });

  test('says what to do where it may not be made, and is used where it may be used', async () => {
    const server = await postgresServer();
    const url = await newDatabase(`
      DO $do$ BEGIN CREATE ROLE guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $do$;
      REVOKE CREATE ON SCHEMA public FROM PUBLIC;`);
    const guest = opened(url.replace('postgres@', 'guest@'));
    await assert.rejects(guest.begin(runLike()), {
      code: 'STORE_UNUSABLE',
      message:
        'there is no table reports_generated in database runs, and this user may not make it; run what daybook runs --sql prints',
    });
    await server.run(
      url,
      `${runsSql()}; GRANT SELECT, INSERT, UPDATE ON reports_generated TO guest`,
    );
    const run = runLike();
    await guest.begin(run);
    await guest.update(run.id, { state: 'done' });
    assert.equal((await guest.find(run.id))?.state, 'done');
    await guest.close();
  });

  test('goes on when its connection was lost, and lets go of reports with it', async () => {
    const server = await postgresServer();
    const url = await newDatabase();
    const [one, other] = [opened(url), opened(url)];
    await one.alone('a', async () => {
      const ended = new Promise((resolve) => clients.at(-1)!.once('end', resolve));
      assert.equal(await other.alone('a', async () => 'other'), undefined);
      await server.run(url, END_OTHERS);
      await ended;
      const again = opened(url);
      assert.equal(await again.alone('a', async () => 'other'), 'other');
      const run = runLike();
      await one.begin(run);
      assert.deepEqual(await again.find(run.id), run);
      await again.close();
    });
    await Promise.all([one.close(), other.close()]);
  });

  test('fails where its lock was lost, and another process has it', async () => {
    const server = await postgresServer();
    const url = await newDatabase();
    const [one, other] = [opened(url), opened(url)];
    const run = runLike();
    await one.alone('a', async () => {
      await one.begin(run);
      const ended = new Promise((resolve) => clients.at(-1)!.once('end', resolve));
      await server.run(url, END_OTHERS);
      await ended;
      await other.alone('a', async () => {
        await assert.rejects(one.update(run.id, { state: 'done' }), {
          code: 'STORE_UNUSABLE',
          message: /was lost, and another process makes the report now/,
        });
      });
      // It was let go of: so it is locked again.
      await one.update(run.id, { state: 'done' });
      assert.equal(await other.alone('a', async () => 'other'), undefined);
    });
    assert.equal(await other.alone('a', async () => 'other'), 'other');
    await Promise.all([one.close(), other.close()]);
  });

  test('keeps to a newer connection when an old one ends late', async () => {
    const history = opened(await newDatabase());
    await history.list({ limit: 1 });
    const old = clients.at(-1)!;
    old.emit('error', new Error('lost'));
    await history.list({ limit: 1 });
    const connections = clients.length;
    await old.end();
    await history.list({ limit: 1 });
    assert.equal(clients.length, connections);
    await history.close();
  });

  test('makes no table for who only looks', async () => {
    const url = await newDatabase();
    const looking = opened(url, undefined, true);
    for (let i = 0; i < 2; i++)
      await assert.rejects(looking.list({ limit: 1 }), {
        code: 'STORE_UNUSABLE',
        message: 'there is no table reports_generated in database runs; no report was made yet',
      });
    const writing = opened(url);
    await writing.begin(runLike());
    assert.equal((await looking.list({ limit: 1 })).length, 1);
    await Promise.all([looking.close(), writing.close()]);
  });

  test('does nothing but make its table, whatever that is called', async () => {
    const url = await newDatabase('CREATE TABLE precious (id INT)');
    const table = 'n\nDROP TABLE precious; --';
    const server = await postgresServer();
    await server.run(url, runsSql(table));
    await server.run(url, 'SELECT * FROM precious');
    const history = opened(url, table);
    await history.begin(runLike());
    assert.equal((await history.list({ limit: 2 })).length, 1);
    await history.close();
    assert.match(runsSql('runs'), /^-- .* ON "runs" TO daybook;$/m);
  });

  test('says that the server is not there', async () => {
    const history = opened('postgres://postgres@127.0.0.1:1/none');
    await assert.rejects(history.begin(runLike()), { message: /127[.]0[.]0[.]1:1.*no server/ });
    await history.close();
  });
});
