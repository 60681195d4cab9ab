import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../../core/errors.ts';
import type { Amendment, Commit, Committed, Keep, Store, Stream } from '../../core/store.ts';
import { amend, countFreed, keepReading, NOTHING } from './sqlite-amendment.ts';
import { explained, inTransaction, openDatabase } from './sqlite-database.ts';
import { erase } from './sqlite-erasure.ts';
import { forgettable, giveSpaceBack, prune } from './sqlite-pruning.ts';
import { SqliteReader, streamRowOf } from './sqlite-reader.ts';
import { requireCurrent } from './sqlite-schema.ts';
import { withdrawInput } from './sqlite-withdrawal.ts';
import { SqliteWriter, type StreamRow } from './sqlite-writer.ts';

/** How a store's file is opened. */
export interface SqliteOptions {
  readonly path: string;
  /** For readers: the file must be there, is not changed, and is seen as it is at the first look all the time. */
  readonly readOnly?: boolean;
  /** Whether the file must be there; a reader's must. */
  readonly isThere?: boolean;
  /** What a new store keeps; one that is there keeps what it kept. */
  readonly keep?: Keep | undefined;
  /** How long to wait for another process that writes; ten seconds unless given. */
  readonly busyMs?: number | undefined;
}

/**
 * A store in one file: SQLite, with its write-ahead log beside it. Others may read while one writes.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function sqlite(options: SqliteOptions): Store {
  const { path, readOnly = false, isThere = readOnly, keep, busyMs } = options;
  if (isThere && !existsSync(path))
    throw new DaybookError(
      'STORE_UNUSABLE',
      `there is no store ${path}; make one with daybook ingest`,
    );
  const db = openDatabase(path, { readOnly, busyMs });
  try {
    return explained(path, () => {
      if (readOnly) db.exec('BEGIN'); // what is committed meanwhile would make two halves of one report differ
      return new SqliteStore(db, path, keptBy(db, { keep, readOnly, path }));
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteStore extends SqliteReader implements Store {
  readonly #writer: SqliteWriter;

  constructor(db: DatabaseSync, path: string, keep: Keep) {
    super(db, path, keep);
    this.#writer = new SqliteWriter(db, this.parts);
  }

  async addStream({ name, format, options, fields, eventsOnly = false }: Stream): Promise<void> {
    const [read, columns] = [JSON.stringify(options), JSON.stringify(fields)];
    this.use(() => {
      this.version.change();
      this.db.prepare(ADD_STREAM).run(name, format, read, columns, Number(eventsOnly));
    });
  }

  async commit(commit: Commit): Promise<Committed> {
    return this.#write(() => this.#writer.commit(this.streamRow(commit.stream), commit));
  }

  async finish(input: number): Promise<void> {
    this.#write(() => {
      this.db.prepare('UPDATE inputs SET is_unfinished = 0 WHERE id = ?').run(input);
      const stream = this.#streamOf(input);
      if (stream) countFreed(this.db, this.parts, stream, input);
    });
  }

  async rename(input: number, name: string): Promise<void> {
    this.#write(() => this.db.prepare('UPDATE inputs SET name = ? WHERE id = ?').run(name, input));
  }

  async withdraw(input: number): Promise<void> {
    this.#write(() => {
      const stream = this.#streamOf(input);
      if (stream && withdrawInput(this.db, this.parts, stream, input))
        countFreed(this.db, this.parts, stream);
    });
  }

  async amend(stream: Stream, amendment?: Amendment): Promise<Omit<Committed, 'input' | 'fates'>> {
    return this.#write(() => {
      keepReading(this.db, stream);
      if (amendment === undefined) return NOTHING;
      return amend(this.db, this.parts, this.streamRow(stream.name), amendment);
    });
  }

  async prune(stream: string, before: number, isTrial = false): Promise<number> {
    const parts = [this.db, this.parts] as const;
    if (isTrial) return this.use(() => forgettable(...parts, this.streamRow(stream), before));
    const count = this.#write(() => prune(...parts, this.streamRow(stream), before));
    if (count > 0) this.use(() => giveSpaceBack(this.db));
    return count;
  }

  async erase(subject: string): Promise<number> {
    // What was on pages that are free now is to be gone from the disk, too.
    this.use(() => this.db.exec('PRAGMA secure_delete = ON'));
    try {
      return this.#write(() => erase(this.db, this.parts, subject));
    } finally {
      // As far as no reader is in the way; others wait for nobody.
      this.use(() => this.db.exec('PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(PASSIVE)'));
    }
  }

  async close(): Promise<void> {
    if (this.db.isOpen) this.db.close();
  }

  #streamOf(input: number): StreamRow | undefined {
    const row = this.db.prepare(STREAM_OF).get(input);
    return row && streamRowOf(row, this.keep);
  }

  #write<Result>(work: () => Result): Result {
    return this.use(() => {
      this.version.change();
      try {
        return inTransaction(this.db, () => {
          // A newer Daybook may have brought it forward meanwhile: what that keeps besides would be missing.
          requireCurrent(this.db, this.path);
          return work();
        });
      } catch (error) {
        this.parts.names.forget();
        throw error;
      }
    });
  }
}

/** What a store keeps, which is settled when it is made. */
function keptBy(
  db: DatabaseSync,
  { keep: asked, readOnly, path }: { keep: Keep | undefined; readOnly: boolean; path: string },
): Keep {
  const insert = "INSERT OR IGNORE INTO settings (name, value) VALUES ('keep', ?)";
  const find = db.prepare("SELECT value FROM settings WHERE name = 'keep'");
  // Missing where a kill came before it was settled: nothing is in such a store.
  if (!readOnly && find.get() === undefined) db.prepare(insert).run(asked ?? 'events');
  const kept = (find.get()?.['value'] ?? 'events') as Keep;
  if (asked === undefined || asked === kept) return kept;
  throw new DaybookError(
    'USAGE',
    `${path} keeps ${kept}, not ${asked}; that is settled when a store is made`,
  );
}

const ADD_STREAM = `
  INSERT INTO streams (name, format, options, fields, events_only) VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE
  SET format = excluded.format, options = excluded.options, fields = excluded.fields, events_only = excluded.events_only
  WHERE NOT EXISTS (SELECT 1 FROM inputs WHERE stream = streams.id)`;

const STREAM_OF = `
  SELECT streams.* FROM inputs JOIN streams ON streams.id = inputs.stream WHERE inputs.id = ?`;
