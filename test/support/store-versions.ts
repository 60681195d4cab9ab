import { DatabaseSync } from 'node:sqlite';
import { sqlite } from '../../src/stores/sqlite/sqlite.ts';

/** What takes a store back from each version to the one before, from the second on. */
const BACK: readonly string[] = [
  'ALTER TABLE streams DROP COLUMN gone_before; ALTER TABLE segments DROP COLUMN forgotten',
  'ALTER TABLE streams DROP COLUMN events_only',
  'DROP TABLE chunk_hosts',
  'DROP TABLE uncounted',
  'ALTER TABLE inputs DROP COLUMN is_unfinished',
  'DROP TABLE runs',
  'DROP INDEX uncounted_of_segment',
  'DROP TABLE keys',
  'ALTER TABLE uncounted DROP COLUMN data',
  'DROP TABLE freed; ALTER TABLE uncounted DROP COLUMN came; DROP INDEX pending_segments; ' +
    'ALTER TABLE segments DROP COLUMN is_pending',
  'DROP TABLE totals',
];

/** The version of stores that are made now. */
export const LATEST_VERSION: number = BACK.length + 1;

/** Makes a store one of an earlier version, in which no event waits to be added to the rollups. */
export async function takeBack(path: string, version: number): Promise<void> {
  const store = sqlite({ path });
  for (const { name } of await store.streams()) await store.prune(name, -(2 ** 53));
  await store.close();
  const db = new DatabaseSync(path);
  for (const step of BACK.slice(version - 1).toReversed()) db.exec(step);
  db.exec(`PRAGMA user_version = ${version}`);
  db.close();
}
