import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../../core/errors.ts';
import type { RunHistory } from '../../core/run-history.ts';
import { noRun } from '../refusals.ts';
import { changedColumns, plain, RUN_COLUMNS, runOf } from '../run-columns.ts';
import { bringForward, explained, openDatabase } from './sqlite-database.ts';

const BUSY = 5;

/**
 * The run history in a store's file.
 *
 * Who runs a report holds a lock of SQLite's on an empty file beside the store, so that the lock ends with its process.
 *
 * @param readOnly - For who only looks: the file must be there; one of an older version is brought forward.
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function sqliteRuns({
  path,
  readOnly = false,
}: {
  readonly path: string;
  readonly readOnly?: boolean;
}): RunHistory {
  if (readOnly && !existsSync(path))
    throw new DaybookError('STORE_UNUSABLE', `there is no store ${path}; no report was made yet`);
  if (readOnly) bringForward(path);
  const db = openDatabase(path, { readOnly, busyMs: undefined });
  const use = <Result>(work: () => Result): Result => explained(path, work);
  return {
    async begin(run) {
      const values = changedColumns(run);
      const names = values.map(({ column }) => column.name);
      const marks = names.map(() => '?');
      use(() =>
        db
          .prepare(`INSERT INTO runs (${names}) VALUES (${marks})`)
          .run(...values.map(({ value }) => value)),
      );
    },
    async update(id, change) {
      const values = changedColumns(change);
      const settings = values.map(({ column }) => `${column.name} = ?`);
      const { changes } = use(() =>
        db
          .prepare(`UPDATE runs SET ${settings} WHERE id = ?`)
          .run(...values.map(({ value }) => value), id),
      );
      if (Number(changes) === 0) throw noRun(id);
    },
    async find(id) {
      const row = use(() => db.prepare('SELECT * FROM runs WHERE id = ?').get(id));
      return row && runOf(row);
    },
    async list({ report = null, state = null, scheduled = false, before = null, limit }) {
      const words = [plain(report), state, Number(scheduled), limit, before];
      const rows = use(() => db.prepare(LIST).all(...words));
      return rows.map(runOf);
    },
    async alone(report, work) {
      using lock = use(() => lockOf(`${path}.${encodeURIComponent(report)}.lock`));
      return lock && (await work());
    },
    async close() {
      db.close();
    },
  };
}

const LIST = `
  SELECT ${RUN_COLUMNS.map(({ name }) => name)} FROM runs
  WHERE report = coalesce(?1, report) AND state = coalesce(?2, state) AND (due IS NOT NULL OR NOT ?3)
    AND (?5 IS NULL OR id < ?5)
  ORDER BY id DESC LIMIT ?4`;

/** Holds a file until it is disposed of, or the process ends; undefined where another one does. */
function lockOf(path: string): DatabaseSync | undefined {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) return undefined;
    throw error;
  }
}
