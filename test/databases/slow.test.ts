import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DatabaseSnapshot } from '../../src/core/database.ts';
import { mariadbServer, needsMariadb } from '../support/mariadb-server.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';
import { observe, untilOthers } from '../support/sql-sessions.ts';
import { tricklingProxy } from '../support/trickling-proxy.ts';

const KINDS = [
  {
    ...{ type: 'postgres', needs: needsPostgres(), server: postgresServer },
    endless: 'SELECT 1 AS id FROM pg_sleep(600)',
  },
  {
    ...{ type: 'mysql', needs: needsMariadb(), server: mariadbServer },
    endless: 'SELECT a.seq AS id FROM seq_1_to_1000000 AS a, seq_1_to_1000000 AS b',
  },
] as const;

for (const { type, needs, server, endless } of KINDS) {
  describe(`a slow database of ${type}`, needs, () => {
    const opened = async (port?: number, signal?: AbortSignal) => {
      const values = Array.from({ length: 300 }, (_, i) => `(${i}, 'user ${i}')`);
      const own = await server();
      const url = await own.database(
        `CREATE TABLE users (id INT, name VARCHAR(20)); INSERT INTO users VALUES ${values}`,
      );
      const way = new URL(url);
      if (port !== undefined) way.port = String(port);
      return { url, snapshot: await openedDatabase(way.href).snapshot(signal) };
    };

    test('gives all rows where its answer trickles', async () => {
      await using proxy = await tricklingProxy((await server()).port, 7);
      const { snapshot } = await opened(proxy.port);
      const rows = (await Array.fromAsync(all(snapshot, { table: 'users' }))).flat();
      assert.deepEqual(
        rows.map(({ key, cells }) => [key, ...cells]),
        Array.from({ length: 300 }, (_, i) => [`${i}`, `user ${i}`]),
      );
      await snapshot.close();
    });

    test('leaves off at once where nobody waits for it any more', { timeout: 60_000 }, async () => {
      const controller = new AbortController();
      const { url, snapshot } = await opened(undefined, controller.signal);
      await using observer = await observe(url);
      const rows = Array.fromAsync(all(snapshot, { query: endless }, []));
      rows.catch(() => {});
      await untilOthers(observer, (asked) => asked.some((sql) => sql.includes('ORDER BY')));
      controller.abort();
      await assert.rejects(rows, { code: 'INTERRUPTED' });
      await snapshot.close();
      await untilOthers(observer, (asked) => asked.length === 0);
    });

    test('is not asked to leave off what it has done', async () => {
      const { url, snapshot } = await opened();
      await using observer = await observe(url);
      await Array.fromAsync(all(snapshot, { table: 'users' }));
      await snapshot.close();
      await untilOthers(observer, (asked) => asked.length === 0);
    });
  });
}

function all(
  snapshot: DatabaseSnapshot,
  from: { readonly table: string } | { readonly query: string },
  columns: readonly string[] = ['name'],
) {
  return snapshot.subjects({ from, key: 'id', columns, active: {}, order: 'number' });
}
