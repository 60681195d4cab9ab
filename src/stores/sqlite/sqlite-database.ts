import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { DaybookError } from '../../core/errors.ts';
import { Damaged } from '../packed.ts';
import { isOlder, migrate, requireCurrent } from './sqlite-schema.ts';

const BUSY_MS = 10_000;
const CACHE_KIB = 128 << 10;

/**
 * How a store is written to. Its log goes back into it each 32 MiB, not 4: most pages of a table of ids change again and again,
 * so they are written less often.
 */
const WRITING = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 8192`;

/** What SQLite's primary result codes mean to a user: https://sqlite.org/rescode.html */
const DAMAGED = 'it is damaged; put a backup in its place';
const MEANINGS: Readonly<Record<number, string>> = {
  5: 'another process is writing to it; try again when that is done',
  8: 'it cannot be written; see to its permissions',
  10: 'the disk fails',
  11: DAMAGED,
  13: 'the disk is full; what was committed before is safe',
  14: 'it cannot be opened; see to its folder and permissions',
  26: 'it is no database, or damaged',
};
/** Of these, what may be otherwise in a moment. */
const TRANSIENT: readonly unknown[] = [5, 10, 13];

/**
 * Opens a store's file, makes it if need be, and brings it to the version of now.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function openDatabase(
  path: string,
  {
    readOnly,
    busyMs = BUSY_MS,
  }: { readonly readOnly: boolean; readonly busyMs: number | undefined },
): DatabaseSync {
  return explained(path, () => {
    const db = new DatabaseSync(readOnly ? thereAt(path) : path, { timeout: busyMs });
    try {
      db.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`);
      if (readOnly) {
        db.exec('PRAGMA query_only = ON');
        requireCurrent(db, path);
      } else {
        // What is pruned of a new store can be given back piece by piece. Said later, it is of no effect.
        if (db.prepare('PRAGMA page_count').get()!['page_count'] === 0)
          db.exec('PRAGMA auto_vacuum = INCREMENTAL');
        db.exec(WRITING);
        migrate(db, path);
      }
    } catch (error) {
      db.close();
      throw error;
    }
    return db;
  });
}

/**
 * Brings a store of an older version to that of now, for who only looks at it; any other stays as it is.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function bringForward(path: string): void {
  const older = explained(path, () => {
    using db = new DatabaseSync(path, { readOnly: true });
    return isOlder(db, path);
  });
  if (older) openDatabase(path, { readOnly: false, busyMs: BUSY_MS }).close();
}

/**
 * A file that is not made if it is missing. Who only reads opens it like this, too, and not read-only, unless it cannot be
 * written: else the files beside it would be left there by the last one to close it.
 */
function thereAt(path: string): URL {
  const url = pathToFileURL(path);
  url.searchParams.set('mode', 'rw');
  return url;
}

/** Runs what uses a store; what SQLite throws becomes an error that a user can act on. */
export function explained<Result>(path: string, use: () => Result): Result {
  try {
    return use();
  } catch (error) {
    throw explanationOf(path, error);
  }
}

/** What was thrown as an error that a user can act on, where it is of the store; anything else as it is. */
export function explanationOf(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const result = 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  const meaning = error instanceof Damaged ? DAMAGED : MEANINGS[result ?? 0];
  if (meaning === undefined) return error;
  return new DaybookError('STORE_UNUSABLE', `cannot use the store ${path}: ${meaning}`, {
    cause: error,
    isTransient: TRANSIENT.includes(result),
  });
}

/** Keeps what is done at once, or not at all. */
export function inTransaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
