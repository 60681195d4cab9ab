import type { Client } from 'pg';
import type Cursor from 'pg-cursor';
import type { Database } from '../core/database.ts';
import type { SqlColumn, SqlRow, SqlSession } from './dialect.ts';
import { databaseFailure, placeOf } from './failure.ts';
import { type DatabaseOptions, PORTION_ROWS } from './options.ts';
import { connectPostgres } from './postgres-client.ts';
import { postgresColumn, postgresDialect } from './postgres-dialect.ts';
import { SqlSnapshot } from './sql-snapshot.ts';

/** PostgreSQL. */
export function postgres(options: DatabaseOptions): Database {
  return {
    async snapshot(signal) {
      const session = await PostgresSession.open(options, signal);
      return new SqlSnapshot(session, postgresDialect, placeOf(options));
    },
  };
}

/** What a session is told first: nothing of what the server is set to is to show. */
const SETTINGS = [
  // First, and what follows only for its time: a pooler may give each transaction another session.
  'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
  "SET LOCAL TimeZone = 'UTC'",
  "SET LOCAL DateStyle = 'ISO, YMD'",
  "SET LOCAL IntervalStyle = 'postgres'",
  "SET LOCAL bytea_output = 'hex'",
  'SET LOCAL extra_float_digits = 1',
  'SET LOCAL standard_conforming_strings = on',
  'SET LOCAL idle_in_transaction_session_timeout = 0',
  'SELECT 1', // It is here that the snapshot is taken.
];

const text = { getTypeParser: () => (value: string | Buffer) => String(value) };

class PostgresSession implements SqlSession {
  readonly #client: Client;
  readonly #cursor: typeof Cursor;
  readonly #fail: (cause: unknown) => unknown;
  readonly #release: () => void;

  private constructor(
    client: Client,
    cursor: typeof Cursor,
    fail: (cause: unknown) => unknown,
    release: () => void,
  ) {
    this.#client = client;
    this.#cursor = cursor;
    this.#fail = fail;
    this.#release = release;
  }

  static async open(
    options: DatabaseOptions,
    signal: AbortSignal | undefined,
  ): Promise<PostgresSession> {
    const { default: Cursor } = await import('pg-cursor');
    const fail = (cause: unknown) => databaseFailure(cause, options, signal);
    const { client, release } = await connectPostgres(options, {
      signal,
      settings: SETTINGS,
      types: text,
    });
    return new PostgresSession(client, Cursor, fail, release);
  }

  async columnsOf(sql: string): Promise<readonly SqlColumn[]> {
    try {
      // With values it is one statement only, which cannot end the transaction.
      const config = { text: sql, values: [], rowMode: 'array' as const, queryMode: 'extended' };
      const { fields } = await this.#client.query(config);
      return fields.map((field) =>
        postgresColumn(field.name, field.dataTypeID, field.dataTypeModifier),
      );
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  async *rowsOf<Row>(sql: string, of: (row: SqlRow) => Row): AsyncGenerator<readonly Row[]> {
    const cursor = this.#client.query(
      new this.#cursor<SqlRow>(sql, [], { rowMode: 'array', types: text }),
    );
    const read = () => {
      const next = cursor.read(PORTION_ROWS);
      next.catch(() => {}); // Told when it is waited for, if ever.
      return next;
    };
    try {
      let rows = await read();
      while (rows.length > 0) {
        const next = read();
        yield rows.map(of);
        rows = await next;
      }
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  end(): void {
    this.#release();
    // Says good-bye, and does not wait for an answer.
    this.#client.end().catch(() => {});
    this.#client.connection.stream.destroy();
  }
}
