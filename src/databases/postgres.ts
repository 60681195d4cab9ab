import type { Client } from 'pg';
import type Cursor from 'pg-cursor';
import type { Database } from '../core/database.ts';
import type { SqlColumn, SqlRow, SqlSession } from './dialect.ts';
import { databaseFailure, placeOf } from './failure.ts';
import { type DatabaseOptions, PORTION_ROWS } from './options.ts';
import { connectPostgres, type PostgresConnection } from './postgres-client.ts';
import { postgresColumn, postgresDialect } from './postgres-dialect.ts';
import { SqlSnapshot } from './sql-snapshot.ts';
import { stopPostgresQuery } from './stop-postgres-query.ts';

/** PostgreSQL. */
export function postgres(options: DatabaseOptions): Database {
  return {
    async snapshot(signal) {
      const session = await PostgresSession.open(options, signal);
      return new SqlSnapshot(session, postgresDialect, placeOf(options));
    },
  };
}

/** What a session is told first, all at once: nothing of what the server is set to is to show. */
const SETTINGS: string = [
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
].join('; ');

const text = { getTypeParser: () => (value: string | Buffer) => String(value) };

class PostgresSession implements SqlSession {
  readonly #client: Client;
  readonly #cursor: typeof Cursor;
  readonly #fail: (cause: unknown) => unknown;
  readonly #release: () => void;
  readonly #options: DatabaseOptions;
  /** Whether the server may be at work. */
  #isAsking = false;

  private constructor(
    { client, release }: PostgresConnection,
    cursor: typeof Cursor,
    fail: (cause: unknown) => unknown,
    options: DatabaseOptions,
  ) {
    this.#client = client;
    this.#release = release;
    this.#cursor = cursor;
    this.#fail = fail;
    this.#options = options;
  }

  static async open(
    options: DatabaseOptions,
    signal: AbortSignal | undefined,
  ): Promise<PostgresSession> {
    const { default: Cursor } = await import('pg-cursor');
    const fail = (cause: unknown) => databaseFailure(cause, options, signal);
    const connection = await connectPostgres(options, { signal, setting: SETTINGS, types: text });
    return new PostgresSession(connection, Cursor, fail, options);
  }

  async columnsOf(sql: string): Promise<readonly SqlColumn[]> {
    try {
      // With values it is one statement only, which cannot end the transaction.
      const config = { text: sql, values: [], rowMode: 'array' as const, queryMode: 'extended' };
      this.#isAsking = true;
      const { fields } = await this.#client.query(config);
      this.#isAsking = false;
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
      this.#isAsking = true;
      let rows = await read();
      while (rows.length > 0) {
        const next = read();
        yield rows.map(of);
        rows = await next;
      }
      this.#isAsking = false;
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  async end(): Promise<void> {
    this.#release();
    // Says good-bye, and does not wait for an answer.
    this.#client.end().catch(() => {});
    this.#client.connection.stream.destroy();
    if (this.#isAsking) await stopPostgresQuery(this.#options, this.#client);
  }
}
