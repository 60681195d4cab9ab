import { setTimeout as delay } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import pg from 'pg';

/** Somebody's own connection to a database of the tests, to lock it, and to look who else uses it. */
export interface SqlObserver extends AsyncDisposable {
  /** Runs a statement. */
  run(sql: string): Promise<void>;
  /** What all others are asking in this database, or `idle`. */
  others(): Promise<readonly string[]>;
}

const POSTGRES_OTHERS = `
  SELECT CASE state WHEN 'idle' THEN state ELSE query END AS asked FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`;
const MYSQL_OTHERS = `
  SELECT COALESCE(info, 'idle') AS asked FROM information_schema.processlist
  WHERE db = DATABASE() AND id <> CONNECTION_ID()`;

/** Connects to a database by its URL. */
export async function observe(url: string): Promise<SqlObserver> {
  if (url.startsWith('mysql:')) {
    const connection = await mysql.createConnection(url);
    return {
      run: async (sql) => void (await connection.query(sql)),
      async others() {
        const [rows] = await connection.query<mysql.RowDataPacket[]>(MYSQL_OTHERS);
        return rows.map(({ asked }) => String(asked));
      },
      [Symbol.asyncDispose]: () => connection.end(),
    };
  }
  const client = new pg.Client(url);
  await client.connect();
  return {
    run: async (sql) => void (await client.query(sql)),
    async others() {
      await client.query('SELECT pg_stat_clear_snapshot()'); // A transaction sees what it saw first.
      const { rows } = await client.query<{ asked: string }>(POSTGRES_OTHERS);
      return rows.map(({ asked }) => asked);
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

const PATIENCE_MS = 20_000;
const LOOK_MS = 20;

/** Waits until the others in a database are as they should be. */
export async function untilOthers(
  observer: SqlObserver,
  are: (asked: readonly string[]) => boolean,
): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  let asked = await observer.others();
  while (!are(asked)) {
    if (performance.now() > end)
      throw new Error(`others still ask: ${asked.join('; ') || 'nothing'}`);
    await delay(LOOK_MS);
    asked = await observer.others();
  }
}
