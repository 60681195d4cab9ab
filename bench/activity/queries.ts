import type { SqlColumn, SqlRow, SqlSession } from '../../src/databases/dialect.ts';
import { mysqlDialect } from '../../src/databases/mysql-dialect.ts';
import { postgresDialect } from '../../src/databases/postgres-dialect.ts';
import { SqlSnapshot } from '../../src/databases/sql-snapshot.ts';
import { LAST_DATE } from './servers.ts';

/** The first of the 30 dates of the report. */
export const FIRST_DATE = '2026-01-31';

/** What daybook asks both databases for the report, so that others ask the same. */
export async function activityQueries(): Promise<{ users: string; completions: string }> {
  const users = new Recorder([integer('user_id'), text('user_name'), text('active_status')]);
  const done = new Recorder([
    integer('user_id'),
    { name: 'completion_date', isInteger: false, kind: 'text', type: 'date' },
  ]);
  const subjects = new SqlSnapshot(users, postgresDialect, '').subjects({
    ...{ from: { table: 'users' }, key: 'user_id', columns: ['user_name'] },
    ...{ active: { active_status: 'active' }, order: 'number' },
  });
  const activity = new SqlSnapshot(done, mysqlDialect, '').activity({
    ...{ from: { table: 'completions' }, key: 'user_id', time: 'completion_date', count: 'rows' },
    ...{ first: FIRST_DATE, last: LAST_DATE, zone: 'UTC', timeZone: 'UTC', order: 'number' },
  });
  await Promise.all([subjects.next(), activity.next()]);
  return { users: users.asked, completions: done.asked };
}

/** The configuration of the report. */
export function activityConfiguration(platform: string, learning: string): string {
  return `databases:
  platform: { type: postgres, url: "${platform}" }
  learning: { type: mysql, url: "${learning}" }
reports:
  active-users:
    type: activity
    subjects:
      { database: platform, table: users, key: user_id, columns: [user_name], active: { active_status: active } }
    activity: { database: learning, table: completions, key: user_id, time: completion_date }
    days: 30
    as: { count: lessons_completed }
`;
}

/** A session that notes what it is asked last, and has no rows; its plan is that of a table without an index of days. */
class Recorder implements SqlSession {
  asked = '';
  readonly #columns: readonly SqlColumn[];

  constructor(columns: readonly SqlColumn[]) {
    this.#columns = columns;
  }

  columnsOf(): Promise<readonly SqlColumn[]> {
    return Promise.resolve(this.#columns);
  }

  async *rowsOf<Row>(sql: string, of: (row: SqlRow) => Row): AsyncGenerator<readonly Row[]> {
    this.asked = sql;
    if (sql.startsWith('EXPLAIN')) yield [of(['Using temporary'])];
  }

  async end(): Promise<void> {}
}

function integer(name: string): SqlColumn {
  return { name, isInteger: true, kind: 'integer', type: 'number' };
}

function text(name: string): SqlColumn {
  return { name, isInteger: false, kind: 'text', type: 'text' };
}
