import type { Duplex } from 'node:stream';
import type { Connection, FieldPacket, Query } from 'mysql2';
import type { Database } from '../core/database.ts';
import { throwIfInterrupted } from '../core/errors.ts';
import type { SqlColumn, SqlRow, SqlSession } from './dialect.ts';
import { databaseFailure, placeOf } from './failure.ts';
import { connectMysql, stopMysqlQuery } from './mysql-client.ts';
import { mysqlColumn, mysqlDialect } from './mysql-dialect.ts';
import { takeRows } from './mysql-rows.ts';
import { type DatabaseOptions, PORTION_ROWS } from './options.ts';
import { SqlSnapshot } from './sql-snapshot.ts';

/** MySQL and MariaDB. */
export function mysql(options: DatabaseOptions): Database {
  return {
    async snapshot(signal) {
      const session = await MysqlSession.open(options, signal);
      return new SqlSnapshot(session, mysqlDialect, placeOf(options));
    },
  };
}

/** What a session is told first: nothing of what the server is set to is to show. */
const SETTINGS = [
  // While the other database is read this one may have to wait for long.
  `SET NAMES utf8mb4, SESSION time_zone = '+00:00', SESSION sql_mode = '', SESSION max_sort_length = 4096,
    SESSION sql_select_limit = 18446744073709551615, SESSION net_write_timeout = 86400, SESSION wait_timeout = 86400`,
  'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

class MysqlSession implements SqlSession {
  readonly #connection: Connection;
  readonly #fail: (cause: unknown) => unknown;
  /** Rejects when the connection ends, which queries do not always tell of. */
  readonly #gone: Promise<never>;
  readonly #end: () => void;
  readonly #options: DatabaseOptions;
  /** The query that the server may be at work on. */
  #asked: string | undefined;

  private constructor(
    connection: Connection,
    options: DatabaseOptions,
    how: {
      readonly gone: Promise<never>;
      readonly fail: (cause: unknown) => unknown;
      readonly end: () => void;
    },
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#gone = how.gone;
    this.#fail = how.fail;
    this.#end = how.end;
  }

  static async open(
    options: DatabaseOptions,
    signal: AbortSignal | undefined,
  ): Promise<MysqlSession> {
    throwIfInterrupted(signal);
    const connection = await connectMysql(options);
    const { promise: gone, reject } = Promise.withResolvers<never>();
    gone.catch(() => {}); // Told by the query under way.
    connection.on('error', reject);
    if (signal?.aborted) connection.destroy(); // It may have come meanwhile.
    throwIfInterrupted(signal);
    const end = () => {
      signal?.removeEventListener('abort', end);
      reject(new Error('the connection was closed'));
      connection.destroy();
    };
    signal?.addEventListener('abort', end);
    const fail = (cause: unknown) => databaseFailure(cause, options, signal);
    const session = new MysqlSession(connection, options, { gone, fail, end });
    try {
      for (const setting of SETTINGS) await session.#fieldsOf(setting);
    } catch (cause) {
      end();
      throw session.#fail(cause);
    }
    return session;
  }

  async columnsOf(sql: string): Promise<readonly SqlColumn[]> {
    try {
      const fields = await this.#fieldsOf(sql);
      return fields.map(({ name, columnType = 0, decimals, characterSet = 0 }) =>
        mysqlColumn({ name, columnType, decimals, characterSet }),
      );
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  async *rowsOf<Row>(sql: string, of: (row: SqlRow) => Row): AsyncGenerator<readonly Row[]> {
    const query = this.#connection.query({ sql, rowsAsArray: true });
    const inbox = new Inbox(this.#connection, query, of);
    this.#gone.catch((cause) => inbox.fail(cause));
    this.#asked = sql;
    try {
      for (let rows = await inbox.take(); rows.length > 0; rows = await inbox.take()) yield rows;
      this.#asked = undefined;
    } catch (cause) {
      throw this.#fail(cause);
    }
  }

  async end(): Promise<void> {
    this.#end();
    const { threadId: thread } = this.#connection;
    if (this.#asked !== undefined && thread)
      await stopMysqlQuery(this.#options, { thread, sql: this.#asked }).catch(() => {});
  }

  async #fieldsOf(sql: string): Promise<readonly FieldPacket[]> {
    const answer = new Promise<readonly FieldPacket[]>((resolve, reject) => {
      this.#connection.query({ sql, rowsAsArray: true }, (cause, _rows, fields) => {
        if (cause) reject(cause);
        else resolve(fields);
      });
    });
    this.#asked = sql;
    const fields = await Promise.race([answer, this.#gone]);
    this.#asked = undefined;
    return fields;
  }
}

/** The rows of a query as they come: when there are enough of them, the server is to wait. */
class Inbox<Row> {
  /** Not the connection, which would put aside one by one all other rows of what was read from the socket at once. */
  readonly #socket: Duplex;
  #rows: Row[] = [];
  #hasEnded = false;
  #failure: { readonly cause: unknown } | undefined;
  #wake = (): void => {};

  constructor(connection: Connection, query: Query, of: (row: SqlRow) => Row) {
    this.#socket = (connection as unknown as { readonly stream: Duplex }).stream;
    takeRows(query, (row) => {
      try {
        this.#rows.push(of(row));
      } catch (cause) {
        this.fail(cause);
      }
      if (this.#rows.length === PORTION_ROWS) this.#socket.pause();
      this.#wake();
    });
    query.on('end', () => {
      this.#hasEnded = true;
      this.#wake();
    });
    query.on('error', (cause: unknown) => this.fail(cause));
  }

  /** Ends it for whoever takes from it next. */
  fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#wake();
  }

  /** Some rows, none at the end. What comes in the meantime waits for the next time. */
  async take(): Promise<readonly Row[]> {
    while (this.#rows.length === 0) {
      if (this.#failure) throw this.#failure.cause;
      if (this.#hasEnded) return [];
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const rows = this.#rows;
    this.#rows = [];
    this.#socket.resume();
    return rows;
  }
}
