import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Database, SubjectQuery } from '../../src/core/database.ts';
import { databases } from '../../src/databases/index.ts';
import { mariadbServer, needsMariadb } from '../support/mariadb-server.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';

const KINDS = [
  { type: 'postgres', server: postgresServer, needs: needsPostgres() },
  { type: 'mysql', server: mariadbServer, needs: needsMariadb() },
] as const;

for (const { type, server, needs } of KINDS) {
  describe(`a snapshot of ${type}`, needs, () => {
    async function made(sql: string): Promise<Database> {
      return opened(type, await (await server()).database(sql));
    }

    test('lists subjects in order of their numbers, as exact as they are', async () => {
      const big = type === 'mysql' ? 'BIGINT UNSIGNED' : 'NUMERIC(20)';
      const database = await made(`CREATE TABLE users (id ${big}, name TEXT);
        INSERT INTO users VALUES (10, 'a'), (9, 'b'), (18446744073709551615, 'c'), (9007199254740993, NULL)`);
      assert.deepEqual(await subjects(database, { columns: ['name', 'id'] }), [
        ['9', 'b', 9],
        ['10', 'a', 10],
        ['9007199254740993', null, 9007199254740993n],
        ['18446744073709551615', 'c', 18446744073709551615n],
      ]);
    });
  });
}

function opened(type: 'postgres' | 'mysql', url: string): Database {
  const { hostname: host, port, username: user, password, pathname } = new URL(url);
  return databases[type]({
    ...{ name: 'database d', host, port: Number(port), user, password, ssl: 'off' },
    database: pathname.slice(1),
  });
}

async function subjects(database: Database, query: Partial<SubjectQuery>): Promise<unknown[]> {
  const snapshot = await database.snapshot();
  const rows = snapshot.subjects({
    ...{ from: { table: 'users' }, key: 'id', columns: [], active: {}, order: 'number' },
    ...query,
  });
  const found = (await Array.fromAsync(rows)).flat();
  await snapshot.close();
  return found.map(({ key, cells }) => [key, ...cells]);
}
