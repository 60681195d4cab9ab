import { readFileSync } from 'node:fs';
import type { Client } from 'pg';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { RunHistory } from '../core/run-history.ts';
import { noRun } from './refusals.ts';
import { changedColumns, plain, RUN_COLUMNS, type RunColumn, runOf } from './run-columns.ts';

const STANDARD_TABLE = 'reports_generated';
const UNDEFINED_TABLE = '42P01';
const NO_PRIVILEGE = '42501';
/** What one gets who makes a table that another makes at the same time. */
const MADE_MEANWHILE: readonly (string | undefined)[] = ['23505', '42P07', '42710'];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The statement that makes the table of a run history. */
export function runsSql(table: string = STANDARD_TABLE): string {
  const sql = readFileSync(new URL('./reports-generated.sql', import.meta.url), 'utf8');
  if (table === STANDARD_TABLE) return sql;
  // A name that has several lines must not end a comment.
  const remarked = quoted(table).replaceAll(/\p{Cc}/gu, ' ');
  return sql.replaceAll(
    new RegExp(`^(--.*)?${STANDARD_TABLE}|${STANDARD_TABLE}`, 'gm'),
    (_, remark) => (remark === undefined ? quoted(table) : remark + remarked),
  );
}

/** A table of a PostgreSQL database. */
export interface PostgresRunsOptions {
  /** Connects; also again, when the connection was lost. */
  readonly connect: () => Promise<Client>;
  /** Its name, which may have its schema in front. */
  readonly table?: string | undefined;
  /** For who only looks: the table must be there. */
  readonly readOnly?: boolean;
  /** What messages call the database. */
  readonly place: string;
}

/**
 * The run history in a table of a PostgreSQL database, which is made if it is not there. Who runs a report holds an
 * advisory lock, which ends with its connection.
 */
export function postgresRuns(options: PostgresRunsOptions): RunHistory {
  const { table = STANDARD_TABLE } = options;
  const name = quoted(table);
  const session = new Session(options);
  const running = new Set<string>();
  return {
    async begin(run) {
      const values = changedColumns(run);
      const names = values.map(({ column }) => quoted(column.name));
      const marks = values.map(({ column }, i) => marked(column, i + 1));
      await session.query(
        `INSERT INTO ${name} (${names}) VALUES (${marks})`,
        values.map(({ value }) => value),
      );
    },
    async update(id, change) {
      const values = changedColumns(change);
      const settings = values.map(
        ({ column }, i) => `${quoted(column.name)} = ${marked(column, i + 2)}`,
      );
      const sql = `UPDATE ${name} SET ${settings} WHERE id = $1`;
      const { rowCount } = await session.query(sql, [id, ...values.map(({ value }) => value)]);
      if (rowCount === 0) throw noRun(id);
    },
    async find(id) {
      if (!UUID.test(id)) return undefined;
      const { rows } = await session.query(`SELECT ${SHOWN} FROM ${name} WHERE id = $1`, [id]);
      return rows[0] && runOf(rows[0]);
    },
    async list({ report, state = null, scheduled = false, before = null, limit }) {
      const sql = `
        SELECT ${SHOWN} FROM ${name}
        WHERE report = coalesce($1, report) AND state = coalesce($2, state) AND (due IS NOT NULL OR NOT $3)
          AND ($5::uuid IS NULL OR id < $5::uuid)
        ORDER BY id DESC LIMIT $4`;
      const words = [plain(report ?? null), state, scheduled, limit, before];
      const { rows } = await session.query(sql, words);
      return rows.map(runOf);
    },
    async alone(report, work) {
      // A session may lock a second time what it has locked.
      if (running.has(report)) return undefined;
      running.add(report);
      const key = [plain(`${table} ${report}`)] as const;
      try {
        const { rows } = await session.query(TRY_LOCK, key);
        if (rows[0]?.['is_mine'] !== true) return undefined;
        session.held.add(key[0]);
        try {
          return await work();
        } finally {
          session.held.delete(key[0]);
          // Where the connection was lost, so was the lock.
          await session.query(`SELECT pg_advisory_unlock(${LOCK})`, key).catch(() => {});
        }
      } finally {
        running.delete(report);
      }
    },
    close: () => session.close(),
  };
}

/** A connection that is opened when it is used, and anew when it was lost. */
class Session {
  /** The keys of locks that are held: with a connection they are lost, and with the next one taken again. */
  readonly held: Set<string> = new Set();
  readonly #options: PostgresRunsOptions;
  #connection: Promise<Client> | undefined;

  constructor(options: PostgresRunsOptions) {
    this.#options = options;
  }

  /** @throws DaybookError */
  async query(
    sql: string,
    values: readonly unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }> {
    try {
      const client = await (this.#connection ?? this.#connect());
      return await client.query<Record<string, unknown>>(sql, [...values]);
    } catch (cause) {
      if (cause instanceof DaybookError || !(cause instanceof Error)) throw cause;
      const { table = STANDARD_TABLE, place } = this.#options;
      const message = `cannot use the run history ${table} in ${place}: ${cause.message}`;
      // What is no answer of the server, or says that it ends or has no room: not what it refuses.
      const isTransient = !/^(?!08|53|57P)[0-9A-Z]{5}$/.test(systemCode(cause) ?? '');
      throw new DaybookError('STORE_UNUSABLE', message, { cause, isTransient });
    }
  }

  async close(): Promise<void> {
    const client = await this.#connection?.catch(() => undefined);
    await client?.end().catch(() => {});
  }

  #connect(): Promise<Client> {
    // When an old one tells of its end, a newer one may have taken its place.
    const forget = () => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    const connection = this.#open(forget);
    connection.catch(forget);
    this.#connection = connection;
    return connection;
  }

  async #open(forget: () => void): Promise<Client> {
    const client = await this.#options.connect();
    client.once('error', forget).once('end', forget);
    try {
      await makeTable(client, this.#options);
      for (const key of this.held) await this.#lockAgain(client, key);
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    return client;
  }

  async #lockAgain(client: Client, key: string): Promise<void> {
    const { rows } = await client.query<{ is_mine: boolean }>(TRY_LOCK, [key]);
    if (rows[0]?.is_mine) return;
    const { place } = this.#options;
    const message = `the connection to ${place} was lost, and another process makes the report now`;
    throw new DaybookError('STORE_UNUSABLE', message);
  }
}

async function makeTable(client: Client, options: PostgresRunsOptions): Promise<void> {
  const { table = STANDARD_TABLE, place, readOnly = false } = options;
  // Looked for first: who may only use it may not even try to make it.
  const isThere = await client.query(`SELECT 1 FROM ${quoted(table)} LIMIT 0`).then(
    () => true,
    (cause) => {
      if (systemCode(cause) === UNDEFINED_TABLE) return false;
      throw cause;
    },
  );
  if (isThere) return;
  if (readOnly)
    throw new DaybookError(
      'STORE_UNUSABLE',
      `there is no table ${table} in ${place}; no report was made yet`,
    );
  try {
    await client.query(runsSql(table));
  } catch (cause) {
    if (MADE_MEANWHILE.includes(systemCode(cause))) return;
    if (systemCode(cause) !== NO_PRIVILEGE) throw cause;
    const message = `there is no table ${table} in ${place}, and this user may not make it; run what daybook runs --sql prints`;
    throw new DaybookError('STORE_UNUSABLE', message, { cause });
  }
}

/** A number of 64 bits for the name of a report. */
const LOCK = `('x' || left(encode(sha256(convert_to($1, 'UTF8')), 'hex'), 16))::bit(64)::bigint`;

const TRY_LOCK = `SELECT pg_try_advisory_lock(${LOCK}) AS is_mine`;

/** The columns as `runOf` reads them: no setting of the session may show. */
const SHOWN: string = RUN_COLUMNS.map(({ name, kind }) => {
  const column = quoted(name);
  if (kind === 'instant') return `round(extract(epoch FROM ${column}) * 1000)::text AS ${column}`;
  if (kind === 'date') return `to_char(${column}, 'YYYY-MM-DD') AS ${column}`;
  return `${column}::text AS ${column}`;
}).join(', ');

function marked({ kind }: RunColumn, number: number): string {
  if (kind === 'instant') return `to_timestamp($${number}::float8 / 1000)`;
  return kind === 'date' ? `$${number}::text::date` : `$${number}`;
}

function quoted(name: string): string {
  const parts = name.split('.').map((part) => `"${part.replaceAll('"', '""')}"`);
  return parts.join('.');
}
