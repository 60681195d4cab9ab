import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { ActivityQuery, Database, SubjectQuery } from '../../src/core/database.ts';
import { mariadbServer, needsMariadb } from '../support/mariadb-server.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';

const KINDS = [
  { type: 'postgres', server: postgresServer, needs: needsPostgres() },
  { type: 'mysql', server: mariadbServer, needs: needsMariadb() },
] as const;

for (const { type, server, needs } of KINDS) {
  const isMysql = type === 'mysql';
  const quoted = (name: string) =>
    isMysql ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`;

  describe(`a snapshot of ${type}`, needs, () => {
    async function made(sql: string): Promise<Database> {
      return openedDatabase(await (await server()).database(sql));
    }

    test('lists subjects in order of their numbers, as exact as they are', async () => {
      const big = isMysql ? 'BIGINT UNSIGNED ZEROFILL' : 'NUMERIC(20)';
      const database = await made(`CREATE TABLE users (id ${big}, name TEXT);
        INSERT INTO users VALUES (10, 'a'), (9, 'b'), (18446744073709551615, 'c'), (9007199254740993, NULL)`);
      assert.deepEqual(await subjects(database, { columns: ['name', 'id'] }), [
        ['9', 'b', 9],
        ['10', 'a', 10],
        ['9007199254740993', null, 9007199254740993n],
        ['18446744073709551615', 'c', 18446744073709551615n],
      ]);
    });

    for (const integer of isMysql
      ? ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'YEAR', 'BIT(16)', 'DECIMAL(9, 0)']
      : ['SMALLINT', 'INT', 'BIGINT', 'NUMERIC(9, 0)']) {
      test(`takes keys of ${integer}, and shows them`, async () => {
        const values = integer === 'YEAR' ? [2024, 1999] : [100, 9];
        const database = await made(
          `CREATE TABLE users (id ${integer}); INSERT INTO users VALUES (${values.join('), (')})`,
        );
        const [more, less] = values as [number, number];
        assert.deepEqual(await subjects(database, { columns: ['id'] }), [
          [String(less), less],
          [String(more), more],
        ]);
      });
    }

    if (!isMysql)
      test('takes NaN for no key, and for no whole number', async () => {
        const database = await made(`CREATE TABLE users (id NUMERIC(9), points NUMERIC(9));
          INSERT INTO users VALUES ('NaN', 7), (12, 8), (9, 'NaN');
          CREATE TABLE done (id NUMERIC(9), at DATE);
          INSERT INTO done VALUES ('NaN', '2024-02-29'), (12, '2024-02-29')`);
        assert.deepEqual(await subjects(database, {}), [['9'], ['12'], [null]]);
        assert.deepEqual(await activity(database, {}), [
          ['12', '2024-02-29', 1],
          [null, '2024-02-29', 1],
        ]);
        await assert.rejects(subjects(database, { columns: ['points'] }), {
          code: 'INPUT_REJECTED',
          message: /^table users of database d .*: "points" holds NaN among whole numbers; .*$/,
        });
      });

    if (!isMysql)
      test('says nothing outside of its transaction, which a pooler may give another session', async ({
        mock,
      }) => {
        const database = await made('SELECT 1');
        const query = mock.method(pg.Client.prototype, 'query');
        await (await database.snapshot()).close();
        const [told = '', ...later] = query.mock.calls.map((call) => String(call.arguments[0]));
        assert.match(told, /^BEGIN [A-Z ]+(; SET LOCAL [^;]+)+; SELECT 1$/);
        assert.deepEqual(later, []);
      });

    test('shows values of all types as they are', async () => {
      const bytes = isMysql
        ? "VARBINARY(4)) CHARACTER SET utf8mb4; INSERT INTO users VALUES (1, 12.50, 'Zoë ', '2024-02-29', '2024-02-29 23:59:59', X'00ff')"
        : "BYTEA); INSERT INTO users VALUES (1, 12.50, 'Zoë ', '2024-02-29', '2024-02-29 23:59:59', decode('00ff', 'hex'))";
      const database = await made(
        `CREATE TABLE users (id INT, price DECIMAL(9, 2), name VARCHAR(9), born DATE, at ${isMysql ? 'DATETIME' : 'TIMESTAMP'}, raw ${bytes}`,
      );
      assert.deepEqual(
        await subjects(database, { columns: ['price', 'name', 'born', 'at', 'raw'] }),
        [['1', '12.50', 'Zoë ', '2024-02-29', '2024-02-29 23:59:59', '\\x00ff']],
      );
      const snapshot = await database.snapshot();
      const columns = await snapshot.columnsOf({ table: 'users' });
      assert.deepEqual(
        ['id', 'price', 'raw'].map((name) => columns.get(name)?.kind),
        ['integer', 'decimal', 'text'],
      );
      await snapshot.close();
    });

    for (const [name, sqlType, values, active, expected] of [
      ['texts', 'VARCHAR(9)', `'active', 'ACTIVE', 'active ', 'áctive', NULL`, 'active', ['1']],
      ['numbers', 'INT', '1, 10, 0, NULL', 1, ['1']],
      ['numbers as text', 'DECIMAL(5,2)', '1.00, 1.01, NULL', '1', ['1']],
      ['booleans', 'BOOLEAN', 'TRUE, FALSE, NULL', true, ['1']],
      ['booleans that are false', 'BOOLEAN', 'TRUE, FALSE, NULL', 0, ['2']],
      ['numbers in texts', 'VARCHAR(9)', "'1', '1abc', '01', '1.0'", 1, ['1']],
      [
        'texts with marks',
        'VARCHAR(30)',
        // A backslash is itself on the one server, and begins an escape on the other.
        `'a${isMysql ? '\\' : '\\\\'}b''; --', 'other'`,
        "a\\b'; --",
        ['1'],
      ],
    ] as const) {
      test(`finds exactly the active ones by ${name}`, async () => {
        const rows = values.split(', ').map((value, i) => `(${i + 1}, ${value})`);
        const database = await made(
          `CREATE TABLE users (id INT, status ${sqlType}); INSERT INTO users VALUES ${rows.join()}`,
        );
        const found = await subjects(database, { active: { status: active } });
        assert.deepEqual(found.flat(), expected);
      });
    }

    test('finds tables and columns whatever they are called', async () => {
      const name = `odd "na\`me".'\n; --`;
      const database = await made(
        `CREATE TABLE ${quoted(name.replace('.', ''))} (${quoted(name)} INT, ${quoted('SELECT')} INT, c1 INT);
        INSERT INTO ${quoted(name.replace('.', ''))} VALUES (2, 3, 4), (1, 5, 6)`,
      );
      const query = {
        from: { table: name.replace('.', '') },
        key: name,
        columns: ['SELECT', 'c1'],
      };
      assert.deepEqual(await subjects(database, query), [
        ['1', 5, 6],
        ['2', 3, 4],
      ]);
    });

    test('finds tables of other schemas, and with points in their names', async () => {
      const schema = isMysql ? 'other_schema' : 'other';
      const database = await made(
        `CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.${quoted('a.b')} (id INT); INSERT INTO ${schema}.${quoted('a.b')} VALUES (1)`,
      );
      assert.deepEqual(await subjects(database, { from: { table: `${schema}."a.b"` } }), [['1']]);
      await assert.rejects(subjects(database, { from: { table: `${schema}.a.b` } }), {
        code: 'USAGE',
      });
    });

    test('takes a query with its comments and its semicolon', async () => {
      const database = await made('CREATE TABLE users (id INT); INSERT INTO users VALUES (1), (2)');
      const query = 'SELECT id + 1 AS id FROM users WHERE id > 1 -- the last ;\n;\n ';
      assert.deepEqual(await subjects(database, { from: { query } }), [['3']]);
    });

    for (const query of [
      'INSERT INTO users VALUES (3) RETURNING id',
      'SELECT id FROM users) AS q; COMMIT; DELETE FROM users; SELECT * FROM (SELECT 1',
    ]) {
      test(`changes nothing by ${query}`, async () => {
        const database = await made('CREATE TABLE users (id INT); INSERT INTO users VALUES (1)');
        await assert.rejects(subjects(database, { from: { query } }), { code: 'USAGE' });
        assert.deepEqual(await subjects(database, {}), [['1']]);
      });
    }

    test('sees one state, whatever others change in the meantime', async () => {
      const url = await (await server()).database(
        'CREATE TABLE users (id INT); INSERT INTO users VALUES (1)',
      );
      const snapshot = await openedDatabase(url).snapshot();
      await (await server()).run(url, 'INSERT INTO users VALUES (2)');
      const query = { key: 'id', columns: [], active: {}, order: 'number' } as const;
      const rows = await Array.fromAsync(snapshot.subjects({ from: { table: 'users' }, ...query }));
      await snapshot.close();
      assert.equal(rows.flat().length, 1);
    });

    test('counts dates of a range, the 29th of February among them, and what has none', async () => {
      const nothing = isMysql ? ", (1, '0000-00-00'), (1, '2024-03-00')" : ", (1, 'infinity')";
      const lax = isMysql ? "SET sql_mode = ''; " : '';
      const database = await made(`${lax}CREATE TABLE done (id INT, at DATE);
        INSERT INTO done VALUES (1, '2024-02-29'), (1, '2024-02-27'), (1, '2024-03-02'), (1, '2024-03-01'), (1, '2024-02-29'), (1, NULL) ${nothing}`);
      const found = await activity(database, {});
      assert.deepEqual(
        found.filter(([, date]) => date !== null),
        [
          ['1', '2024-02-29', 2],
          ['1', '2024-03-01', 1],
        ],
      );
      const undated = found.filter(([, date]) => date === null);
      const sum = undated.reduce((total, [, , count]) => total + BigInt(count), 0n);
      assert.equal(sum, isMysql ? 3n : 1n);
    });

    for (const [kind, sqlType, given] of [
      ['times without a zone', isMysql ? 'DATETIME(3)' : 'TIMESTAMP', (text: string) => text],
      [
        'instants',
        isMysql ? 'TIMESTAMP(3)' : 'TIMESTAMPTZ',
        (text: string) => (isMysql ? text : `${text}+00`),
      ],
    ] as const) {
      test(`counts ${kind} of UTC on the dates of another zone, around a change of its clock`, async () => {
        // In Berlin clocks went from +01:00 to +02:00 on the 31st of March 2024 at 01:00 UTC.
        const times = [
          ...[
            '2024-03-29 22:30:00',
            '2024-03-29 22:59:59.999',
            '2024-03-29 23:00:00',
            '2024-03-30 22:59:59.999',
          ],
          ...['2024-03-30 23:00:00', '2024-03-31 01:30:00', '2024-03-31 21:59:59.999'],
          ...['2024-03-31 22:00:00', '2024-04-01 21:59:59.999', '2024-04-01 22:00:00'],
        ].map((time) => `(1, '${given(time)}')`);
        const zone = isMysql ? "SET time_zone = '+00:00', sql_mode = ''; " : '';
        const zero = isMysql ? "(1, '0000-00-00 00:00:00')" : '(1, NULL)';
        const database = await made(
          `${zone}CREATE TABLE done (id INT, at ${sqlType} NULL); INSERT INTO done VALUES ${times.join()}, ${zero}`,
        );
        const days = { first: '2024-03-30', last: '2024-04-01', zone: 'Europe/Berlin' };
        const found = await activity(database, days);
        assert.deepEqual(
          found.filter(([, date]) => date !== null),
          [
            ['1', '2024-03-30', 2],
            ['1', '2024-03-31', 3],
            ['1', '2024-04-01', 2],
          ],
        );
        assert.equal(found.length, 4);
      });
    }

    test('counts times of a zone of their own', async () => {
      const database =
        await made(`CREATE TABLE done (id INT, at ${isMysql ? 'DATETIME' : 'TIMESTAMP'});
        INSERT INTO done VALUES (1, '2024-02-29 01:00:00'), (1, '2024-02-29 12:00:00')`);
      const zones = { zone: 'America/New_York', timeZone: 'Asia/Kolkata' };
      assert.deepEqual(await activity(database, zones), [
        ['1', '2024-02-28', 1],
        ['1', '2024-02-29', 1],
      ]);
      const own = { zone: 'Asia/Kolkata', timeZone: 'Asia/Kolkata' };
      assert.deepEqual(await activity(database, own), [['1', '2024-02-29', 2]]);
    });

    test('counts distinct values as exactly as it tells keys apart', async () => {
      const database = await made(`CREATE TABLE done (id INT, at DATE, what VARCHAR(9));
        INSERT INTO done VALUES (1, '2024-02-29', 'a'), (1, '2024-02-29', 'A'), (1, '2024-02-29', 'a '), (1, '2024-02-29', 'a'), (2, '2024-02-29', NULL)`);
      const found = await activity(database, { count: { distinct: 'what' } });
      assert.deepEqual(found, [['1', '2024-02-29', 3]]);
    });

    test('tells keys apart that a collation of the column takes for one', async () => {
      const collation = isMysql
        ? 'CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci'
        : 'COLLATE caseless';
      const collated = isMysql
        ? ''
        : "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level1', deterministic = false); ";
      const database =
        await made(`${collated}CREATE TABLE done (id VARCHAR(9) ${collation}, at DATE);
        INSERT INTO done VALUES ('a', '2024-02-29'), ('A', '2024-02-29'), ('b', '2024-02-29'), ('á', '2024-02-29')`);
      const found = await activity(database, { order: 'bytes' });
      assert.deepEqual(
        found.map(([key]) => key),
        ['A', 'a', 'b', 'á'],
      );
    });
  });
}

async function subjects(database: Database, query: Partial<SubjectQuery>): Promise<unknown[][]> {
  const snapshot = await database.snapshot();
  try {
    const rows = snapshot.subjects({
      ...{ from: { table: 'users' }, key: 'id', columns: [], active: {}, order: 'number' },
      ...query,
    });
    const found = (await Array.fromAsync(rows)).flat();
    return found.map(({ key, cells }) => [key, ...cells]);
  } finally {
    await snapshot.close();
  }
}

async function activity(database: Database, query: Partial<ActivityQuery>) {
  const snapshot = await database.snapshot();
  try {
    const rows = snapshot.activity({
      ...{ from: { table: 'done' }, key: 'id', time: 'at', count: 'rows', order: 'number' },
      ...{ first: '2024-02-28', last: '2024-03-01', zone: 'UTC', timeZone: 'UTC' },
      ...query,
    });
    const found = (await Array.fromAsync(rows)).flat();
    return found.map(({ key, date, count }) => [key, date, count] as const);
  } finally {
    await snapshot.close();
  }
}
