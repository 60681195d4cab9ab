import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkBalance } from '../../src/core/books.ts';
import type { Note, Row, Table } from '../../src/core/table.ts';
import { openActivity } from '../../src/open/open-activity.ts';
import { csv } from '../../src/writers/csv.ts';
import { configured } from '../support/configuration.ts';
import { mariadbServer, needsMariadb } from '../support/mariadb-server.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';
import type { SqlServer } from '../support/sql-server.ts';

const SERVERS = { postgres: postgresServer, mysql: mariadbServer } as const;
const needs = { skip: needsPostgres().skip || needsMariadb().skip };

/** A report of whom and of what they did. */
const REPORT = `
  subjects: { database: s, table: users, key: id, columns: [name], active: { status: active } }
  activity: { database: a, table: done, key: user_id, time: day }
  as: { count: lessons }`;
const USERS = 'CREATE TABLE users (id INT, name VARCHAR(200), status VARCHAR(20));';
const DONE = 'CREATE TABLE done (user_id INT, day DATE);';

for (const [subjects, activity] of [
  ['postgres', 'mysql'],
  ['mysql', 'postgres'],
  ['postgres', 'postgres'],
  ['mysql', 'mysql'],
] as const) {
  describe(
    `an activity report of users in ${subjects} and what they did in ${activity}`,
    needs,
    () => {
      /** The report as of a day, of tables that are made for it. */
      const made = async (users: string, done: string, asOf: string, report = REPORT) => {
        const servers = await Promise.all([SERVERS[subjects](), SERVERS[activity]()]);
        return reported(servers, [users, done], asOf, report);
      };

      test('has everybody who is active, and each day with activity', async () => {
        const { table, rows } = await made(
          `${USERS} INSERT INTO users VALUES (10, 'Cy', 'active'), (2, 'Ada', 'active'), (1, 'Bob', 'Active'), (3, 'Ada', 'active')`,
          `${DONE} INSERT INTO done VALUES (2, '2024-02-29'), (2, '2024-02-29'), (2, '2024-03-01'), (10, '2024-03-02'), (1, '2024-03-01'), (99, '2024-03-01'), (2, '2024-01-31'), (NULL, '2024-03-01'), (2, NULL)`,
          '2024-03-01',
        );
        assert.deepEqual(
          table.columns.map(({ name }) => name),
          ['id', 'name', 'date', 'lessons'],
        );
        assert.deepEqual(rows, [
          [2, 'Ada', '2024-02-29', 2],
          [2, 'Ada', '2024-03-01', 1],
          [3, 'Ada', null, 0],
          [10, 'Cy', null, 0],
        ]);
        const { read, counted, filtered, rejected } = table.books;
        assert.deepEqual([read, counted, filtered], [7, 3, 2]);
        assert.deepEqual(rejected, { 'no key': 1, 'no date': 1 });
        checkBalance(table.books);
        assert.deepEqual(codesOf(table), ['listed', 'unlisted', 'undated', 'nobodys']);
      });

      test('has nobody where nobody is active, and counts what others did', async () => {
        const { table, rows } = await made(
          `${USERS} INSERT INTO users VALUES (1, 'Ada', 'inactive')`,
          `${DONE} INSERT INTO done VALUES (1, '2024-03-01')`,
          '2024-03-01',
        );
        assert.deepEqual(rows, []);
        assert.deepEqual([table.books.counted, table.books.filtered], [0, 1]);
      });

      test('has more users than go into a portion, and as many lessons a day as there are', async () => {
        const ids = Array.from({ length: 2001 }, (_, i) => i + 1);
        const lessons = Array.from({ length: 130 }, () => "(700, '2024-03-01')");
        const { rows } = await made(
          `${USERS} INSERT INTO users VALUES ${ids.map((id) => `(${id}, 'n${id}', 'active')`).join()}`,
          `${DONE} INSERT INTO done VALUES ${lessons.join()}, (2001, '2024-03-01')`,
          '2024-03-01',
        );
        assert.equal(rows.length, 2001);
        assert.deepEqual(rows[699], [700, 'n700', '2024-03-01', 130]);
        assert.deepEqual(rows[2000], [2001, 'n2001', '2024-03-01', 1]);
        assert.deepEqual(rows[1000], [1001, 'n1001', null, 0]);
      });

      test('joins numbers with texts as texts, and both by their bytes', async () => {
        const { rows } = await made(
          `${USERS} INSERT INTO users VALUES (9, 'nine', 'active'), (10, 'ten', 'active'), (-1, 'less', 'active')`,
          `CREATE TABLE done (user_id VARCHAR(20), day DATE); INSERT INTO done VALUES ('9', '2024-03-01'), ('10', '2024-03-01'), ('09', '2024-03-01'), ('-1', '2024-03-01')`,
          '2024-03-01',
        );
        assert.deepEqual(rows, [
          [-1, 'less', '2024-03-01', 1],
          [10, 'ten', '2024-03-01', 1],
          [9, 'nine', '2024-03-01', 1],
        ]);
      });

      test('keeps texts apart that differ in case, accents and blanks', async () => {
        const keys = ['A', 'a', 'á', 'a ', 'Z', 'ß', 'ss', '\u{1f600}', '\uffee'];
        const charset = (kind: string) =>
          kind === 'mysql' ? 'VARCHAR(20) CHARACTER SET utf8mb4' : 'TEXT';
        const { rows } = await made(
          `CREATE TABLE users (id ${charset(subjects)}, name INT, status TEXT); INSERT INTO users VALUES ${keys.map((key, i) => `('${key}', ${i}, 'active')`).join()}`,
          `CREATE TABLE done (user_id ${charset(activity)}, day DATE); INSERT INTO done VALUES ${keys.map((key) => `('${key}', '2024-03-01')`).join()}, ('b', '2024-03-01')`,
          '2024-03-01',
        );
        const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        assert.deepEqual(
          rows,
          sorted.map((key) => [key, keys.indexOf(key), '2024-03-01', 1]),
        );
      });

      test('shows the columns that are asked for, under their titles', async () => {
        const { table, rows } = await made(
          `${USERS} INSERT INTO users VALUES (1, 'a,"b"', 'active'), (2, '=1+1', 'active'), (3, 'two\nlines', 'active')`,
          `${DONE} INSERT INTO done VALUES (1, '2024-03-01')`,
          '2024-03-01',
          `${REPORT}
  columns:
    - { title: Name, from: name }
    - { title: Number of lessons completed, from: lessons }
    - { title: Date, from: date }`,
        );
        const pieces = csv.render(
          { ...table, rows: [rows] },
          { spreadsheetSafe: true, color: false },
        );
        assert.equal(
          (await Array.fromAsync(pieces)).join(''),
          `Name,Number of lessons completed,Date\r\n"a,""b""",1,2024-03-01\r\n'=1+1,0,\r\n"two\nlines",0,\r\n`,
        );
      });

      test('tells the same inputs by the same digests, and changed ones by others', async () => {
        const users = `${USERS} INSERT INTO users VALUES (1, 'Ada', 'active')`;
        const done = (day: string) =>
          `${DONE} INSERT INTO done VALUES (1, '${day}'), (1, '2020-01-01')`;
        const [first, again, other] = [
          await made(users, done('2024-03-01'), '2024-03-01'),
          await made(users, done('2024-03-01'), '2024-03-01'),
          await made(users, done('2024-02-29'), '2024-03-01'),
        ];
        assert.deepEqual(first.inputs, again.inputs);
        assert.deepEqual(other.inputs[0], first.inputs[0]);
        assert.notEqual(other.inputs[1]?.digest, first.inputs[1]?.digest);
        assert.deepEqual(
          first.inputs.map(({ name, rows }) => [name, rows]),
          [
            ['database s, table users', 1],
            ['database a, table done', 1],
          ],
        );
      });
    },
  );
}

describe('an activity report', needs, () => {
  const asked = async (users: string, done: string, asOf: string, report = REPORT) =>
    reported(await Promise.all([postgresServer(), mariadbServer()]), [users, done], asOf, report);

  for (const [asOf, reading, report] of [
    ['2023-09-30', 'trailing', ''],
    ['2023-09-30', 'inclusive', '\n  days: 31'],
    ['2023-09-30', 'complete', '\n  ending: yesterday'],
    ['2023-10-13', 'trailing', ''],
    ['2023-10-13', 'inclusive', '\n  days: 31'],
    ['2023-10-13', 'complete', '\n  ending: yesterday'],
  ] as const) {
    test(`gives the known answers as of ${asOf}, ${reading}`, needsSharedData(), async () => {
      const fileOf = (name: string) => readFileSync(join(SHARED_DATA, 'activity', name), 'utf8');
      const answers = JSON.parse(fileOf('answers.json'));
      const { rows } = await asked(
        fileOf('init.pg.sql'),
        fileOf('init.mysql.sql'),
        asOf,
        `
  subjects: { database: s, table: mindtickle_users, key: user_id, columns: [user_name], active: { active_status: active } }
  activity: { database: a, table: lesson_completion, key: user_id, time: completion_date, count: rows }
  as: { date: date, count: lessons_completed }${report}`,
      );
      assert.deepEqual(
        rows.map(([id, name, date, count]) => [Number(id), name, date, Number(count)]),
        answers[`as_of_${asOf}_days_30`][reading],
      );
    });
  }

  test('ends today in its zone unless said otherwise', async () => {
    const servers = [await postgresServer(), await mariadbServer()] as const;
    const { parameters } = await reported(
      servers,
      [USERS, DONE],
      undefined,
      `${REPORT}\n  days: 1\n  tz: Pacific/Kiritimati`,
    );
    const today = Temporal.Now.plainDateISO('Pacific/Kiritimati').toString();
    assert.equal(parameters['last'], today);
  });

  for (const [part, wrong, message] of [
    ['table: users', 'table: nobody', /database s .*nobody/],
    [
      'key: id',
      'key: ID',
      /reports[.]r[.]subjects[.]key: database s, table users has no column "ID"/,
    ],
    ['[name]', '[nam]', /reports[.]r[.]subjects[.]columns: .*"nam".*name/],
    ['time: day', 'time: dya', /reports[.]r[.]activity[.]time: .*"dya".*day/],
    ['time: day', 'time: user_id', /"user_id" holds no dates/],
    ['{ status: active }', '{ id: active }', /column "id" holds numbers, and "active" is none/],
    ['{ status: active }', '{ statu: active }', /reports[.]r[.]subjects[.]active/],
    ['table: done', 'query: "SELECT"', /database a /],
    ['table: done', 'query: "DELETE FROM done"', /database a /],
    ['count: lessons', 'count: name', /reports[.]r[.]as: two columns are called "name"/],
    ['[name]', '[id]', /reports[.]r[.]subjects[.]columns: two columns are called "id"/],
    ['[name]', '[name, name]', /reports[.]r[.]subjects[.]columns: two columns are called "name"/],
    [
      '{ status: active }',
      '{ id: 9007199254740993 }',
      /reports[.]r[.]subjects[.]active[.]id: so large a number is not read exactly; write it in quotes/,
    ],
    ['table: done,', '', /reports[.]r[.]activity: say the table, or a query/],
  ] as const) {
    test(`refuses ${wrong || `a side without ${part}`}`, async () => {
      assert.ok(REPORT.includes(part));
      const failure = asked(USERS, DONE, '2024-03-01', REPORT.replace(part, wrong));
      await assert.rejects(failure, { code: 'USAGE', message });
    });
  }
});

/** A report of two databases that are made for it. */
async function reported(
  [users, done]: readonly [SqlServer, SqlServer],
  [usersSql, doneSql]: readonly [string, string],
  asOf: string | undefined,
  report: string,
) {
  const text = `
databases:
  s: { type: ${users.type}, url: "${await users.database(usersSql)}" }
  a: { type: ${done.type}, url: "${await done.database(doneSql)}" }
reports:
 r:
  type: activity
${report}`;
  const { configuration } = await configured(text);
  const opened = await openActivity('r', configuration.reports.get('r')!, configuration, { asOf });
  try {
    const rows: Row[] = (await Array.fromAsync(opened.table.rows)).flat();
    return { ...opened, rows, inputs: opened.inputs() };
  } finally {
    await opened.close();
  }
}

function codesOf({ notes }: Table): Note['code'][] {
  return notes.map(({ code }) => code);
}
