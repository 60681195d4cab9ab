import type { SQLOutputValue } from 'node:sqlite';
import type { AccessKey, KeyRing, Scope, StoredKey } from '../../core/access-key.ts';
import { explained, openDatabase } from './sqlite-database.ts';
import { SqliteVersion } from './sqlite-version.ts';

type Row = Record<string, SQLOutputValue>;

/**
 * The keys in a store's file.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function sqliteKeys({ path }: { readonly path: string }): KeyRing {
  const db = openDatabase(path, { readOnly: false, busyMs: undefined });
  const version = new SqliteVersion(db);
  let found = foundIn(0);
  const read = <Result>(work: () => Result): Result =>
    explained(path, () => {
      const now = version.settle();
      if (now !== found.version) found = foundIn(now);
      return work();
    });
  const write = <Result>(work: () => Result): Result =>
    explained(path, () => {
      version.change();
      return work();
    });
  const statements = {
    any: db.prepare('SELECT 1 FROM keys'),
    add: db.prepare('INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)'),
    find: db.prepare('SELECT * FROM keys WHERE id = ?'),
    list: db.prepare('SELECT * FROM keys ORDER BY created, id'),
    revoke: db.prepare('UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ?'),
    used: db.prepare('UPDATE keys SET last_used = ? WHERE id = ?'),
  };
  // No key is ever taken out: so nobody has to look again, who asks for each request.
  let hasKeys = false;
  return {
    isEmpty() {
      hasKeys ||= read(() => (found.isAny ??= statements.any.get() !== undefined));
      return !hasKeys;
    },
    add({ key, digest }) {
      const { id, name, scope, subjects, created, expires, revoked, lastUsed } = key;
      const listed = subjects === undefined ? null : JSON.stringify(subjects);
      const times = [created, expires, revoked, lastUsed].map((time) => time ?? null);
      write(() => statements.add.run(id, name, digest, scope, listed, ...times));
    },
    find(id) {
      return read(() => {
        const known = found.keys.get(id);
        const row = known ? undefined : statements.find.get(id);
        if (!row) return known;
        const key = storedKey(row);
        found.keys.set(id, key);
        return key;
      });
    },
    list: () => read(() => statements.list.all()).map((row) => storedKey(row).key),
    revoke: (id, at) => write(() => statements.revoke.run(at, id)).changes > 0,
    used(id, at) {
      // A use that is not noted harms nobody; an answer that waits for a writer does.
      version.change();
      db.exec('PRAGMA busy_timeout = 0');
      try {
        statements.used.run(at, id);
      } catch {
        return;
      } finally {
        db.exec('PRAGMA busy_timeout = 10000');
      }
    },
    [Symbol.dispose]: () => db.close(),
  };
}

/** What was found in a version of the store. */
interface Found {
  readonly version: number;
  isAny: boolean | undefined;
  readonly keys: Map<string, StoredKey>;
}

function foundIn(version: number): Found {
  return { version, isAny: undefined, keys: new Map() };
}

function storedKey(row: Row): StoredKey {
  const { id, name, digest, scope, subjects } = row;
  const timeIn = (column: string) => (row[column] === null ? undefined : Number(row[column]));
  const key: AccessKey = {
    id: String(id),
    name: String(name),
    scope: scope as Scope,
    subjects: subjects === null ? undefined : (JSON.parse(String(subjects)) as string[]),
    created: Number(row['created']),
    expires: timeIn('expires'),
    revoked: timeIn('revoked'),
    lastUsed: timeIn('last_used'),
  };
  return { key, digest: digest as Uint8Array };
}
