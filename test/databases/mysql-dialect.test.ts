import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SqlRow, SqlSession } from '../../src/databases/dialect.ts';
import { mysqlDialect } from '../../src/databases/mysql-dialect.ts';
import { SqlSnapshot } from '../../src/databases/sql-snapshot.ts';

describe('mysqlDialect', () => {
  const lookingUp = async () => [['1', 'done', 'Using where; Using temporary; Using filesort']];

  test('has groups sorted at once that would be looked up one by one', async () => {
    assert.match(await askedWhere(lookingUp), /^SELECT SQL_BIG_RESULT c0/);
  });

  test('leaves groups to an index that has them in order', async () => {
    const inOrder = async () => [['1', 'done', null, 'Using where; Using index']];
    assert.match(await askedWhere(inOrder), /^SELECT c0/);
  });

  test('has them sorted where plans are not for everybody', async () => {
    const refused = () => Promise.reject(new Error('EXPLAIN/SHOW can not be issued'));
    assert.match(await askedWhere(refused), /^SELECT SQL_BIG_RESULT c0/);
  });
});

/** What a server is asked that tells such plans. */
async function askedWhere(plan: () => Promise<readonly SqlRow[]>): Promise<string> {
  let asked = '';
  const session: SqlSession = {
    columnsOf: async () => [
      { name: 'user_id', isInteger: true, kind: 'integer', type: 'number' },
      { name: 'day', isInteger: false, kind: 'text', type: 'date' },
    ],
    async *rowsOf(sql, of) {
      asked = sql;
      if (sql.startsWith('EXPLAIN')) yield (await plan()).map(of);
    },
    async end() {},
  };
  const rows = new SqlSnapshot(session, mysqlDialect, 'db').activity({
    ...{ from: { table: 'done' }, key: 'user_id', time: 'day', count: 'rows', order: 'number' },
    ...{ first: '2026-02-01', last: '2026-03-01', zone: 'UTC', timeZone: 'UTC' },
  });
  await Array.fromAsync(rows);
  return asked;
}
