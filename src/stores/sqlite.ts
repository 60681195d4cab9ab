import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../core/errors.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { SegmentReject } from '../core/rejects.ts';
import {
  type Amendment,
  type Commit,
  type Committed,
  type HoursQuery,
  hasMinutes,
  type Interest,
  type Keep,
  type MinuteCount,
  readingOf,
  type Store,
  type StoredInput,
  type StoredSegment,
  type StoreQuery,
  type Stream,
} from '../core/store.ts';
import { EVERYTHING } from '../core/time-range.ts';
import { noStream, takenBack } from './refusals.ts';
import { amend, countFreed, keepReading, NOTHING } from './sqlite-amendment.ts';
import { explained, inTransaction, openDatabase } from './sqlite-database.ts';
import { erase } from './sqlite-erasure.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteKnown } from './sqlite-known.ts';
import { SqliteNames } from './sqlite-names.ts';
import { forgettable, giveSpaceBack, prune } from './sqlite-pruning.ts';
import { SqliteRollups } from './sqlite-rollups.ts';
import { INPUTS, inputOf, segmentOf, streamOf } from './sqlite-rows.ts';
import { SqliteUncounted } from './sqlite-uncounted.ts';
import { withdrawInput } from './sqlite-withdrawal.ts';
import { SqliteWriter, type StoreParts, type StreamRow } from './sqlite-writer.ts';

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

class SqliteStore implements Store {
  readonly keep: Keep;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #parts: StoreParts;
  readonly #writer: SqliteWriter;
  readonly #known: SqliteKnown;

  constructor(db: DatabaseSync, path: string, keep: Keep) {
    this.keep = keep;
    this.#path = path;
    this.#db = db;
    const names = new SqliteNames(db);
    const [journal, rollups] = [new SqliteJournal(db, names), new SqliteRollups(db, names)];
    this.#parts = { names, journal, rollups, uncounted: new SqliteUncounted(db, names), keep };
    this.#writer = new SqliteWriter(db, this.#parts);
    this.#known = new SqliteKnown(db);
  }

  async streams(): Promise<Stream[]> {
    return this.#use(() => [...this.#known.streams().values()].map(({ stream }) => stream));
  }

  async addStream({ name, format, options, fields, eventsOnly = false }: Stream): Promise<void> {
    this.#known.forget();
    this.#use(() =>
      this.#db
        .prepare(ADD_STREAM)
        .run(name, format, JSON.stringify(options), JSON.stringify(fields), Number(eventsOnly)),
    );
  }

  async inputs(stream: string): Promise<StoredInput[]> {
    return this.#use(() => [...this.#known.inputs(stream)]);
  }

  async input(id: number): Promise<StoredInput> {
    const found = `${INPUTS} WHERE inputs.id = ? GROUP BY inputs.id`;
    const row = this.#use(() => this.#db.prepare(found).get(id));
    if (row === undefined) throw takenBack();
    return inputOf(row);
  }

  async lastTime(stream: string): Promise<number | undefined> {
    const time = this.#use(() => this.#db.prepare(LAST_TIME).get(this.#known.idOf(stream)))![
      'last'
    ];
    return time === null ? undefined : Number(time);
  }

  async commit(commit: Commit): Promise<Committed> {
    return this.#write(() => this.#writer.commit(this.#stream(commit.stream), commit));
  }

  async finish(input: number): Promise<void> {
    this.#write(() =>
      this.#db.prepare('UPDATE inputs SET is_unfinished = 0 WHERE id = ?').run(input),
    );
  }

  async rename(input: number, name: string): Promise<void> {
    this.#write(() => this.#db.prepare('UPDATE inputs SET name = ? WHERE id = ?').run(name, input));
  }

  async withdraw(input: number): Promise<void> {
    this.#write(() => {
      const row = this.#db.prepare(STREAM_OF).get(input);
      if (row === undefined) return;
      const stream = streamRowOf(row, this.keep);
      if (withdrawInput(this.#db, this.#parts, stream, input))
        countFreed(this.#db, this.#parts, stream);
    });
  }

  async withLostDuplicates(stream: string): Promise<string[]> {
    const rows = this.#use(() => this.#db.prepare(LOST).all(this.#stream(stream).id));
    return rows.map(({ name }) => String(name));
  }

  async segments(input: number): Promise<StoredSegment[]> {
    return this.#use(() =>
      this.#db
        .prepare('SELECT * FROM segments WHERE input = ? ORDER BY from_byte')
        .all(input)
        .map(segmentOf),
    );
  }

  async *events(
    segment: number,
    batch: EventBatch,
    interest: Interest = EVERYTHING,
  ): AsyncGenerator<EventBatch> {
    const row = this.#use(() => this.#db.prepare(EVENTS_OF).get(segment));
    if (row === undefined) throw takenBack();
    const fields = JSON.parse(String(row['fields'])) as StreamRow['fields'];
    batch.others += Number(row['forgotten']);
    const names = row['names'] as Uint8Array;
    const events = this.#parts.journal.events(segment, names, fields, batch, interest);
    yield* this.#each(events);
  }

  async *around(query: StoreQuery, batch: EventBatch): AsyncGenerator<EventBatch> {
    const stream = this.#use(() => this.#stream(query.stream));
    yield* this.#each(this.#parts.journal.around(stream, query, batch));
  }

  async *minutes(
    query: StoreQuery,
    unit: 'minute' | 'hour' = 'minute',
  ): AsyncGenerator<readonly MinuteCount[]> {
    const id = this.#use(() => this.#known.idOf(query.stream));
    yield* this.#each(this.#parts.rollups.minutes(id, query, unit));
  }

  async addHours(query: HoursQuery, counts: Float64Array): Promise<void> {
    this.#use(() => this.#parts.rollups.addHours(this.#known.idOf(query.stream), query, counts));
  }

  async *rejects(segment: number): AsyncGenerator<SegmentReject> {
    const found = this.#use(() => this.#db.prepare(REJECTS).iterate(segment));
    for (const { line, offset, reason, text } of this.#each(found)) {
      const place = { line: Number(line), offset: Number(offset) };
      yield { ...place, reason: String(reason), text: String(text) };
    }
  }

  async amend(stream: Stream, amendment?: Amendment): Promise<Omit<Committed, 'input' | 'fates'>> {
    return this.#write(() => {
      keepReading(this.#db, stream);
      if (amendment === undefined) return NOTHING;
      return amend(this.#db, this.#parts, this.#stream(stream.name), amendment);
    });
  }

  async prune(stream: string, before: number, isTrial = false): Promise<number> {
    const parts = [this.#db, this.#parts] as const;
    if (isTrial) return this.#use(() => forgettable(...parts, this.#stream(stream), before));
    const count = this.#write(() => prune(...parts, this.#stream(stream), before));
    if (count > 0) this.#use(() => giveSpaceBack(this.#db));
    return count;
  }

  async erase(subject: string): Promise<number> {
    // What was on pages that are free now is to be gone from the disk, too.
    this.#use(() => this.#db.exec('PRAGMA secure_delete = ON'));
    try {
      return this.#write(() => erase(this.#db, this.#parts, subject));
    } finally {
      // As far as no reader is in the way; others wait for nobody.
      this.#use(() => this.#db.exec('PRAGMA secure_delete = OFF; PRAGMA wal_checkpoint(PASSIVE)'));
    }
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #stream(name: string): StreamRow {
    const row = this.#db.prepare('SELECT * FROM streams WHERE name = ?').get(name);
    if (row === undefined) throw noStream(name);
    return streamRowOf(row, this.keep);
  }

  #write<Result>(work: () => Result): Result {
    this.#known.forget();
    return this.#use(() => {
      try {
        return inTransaction(this.#db, work);
      } catch (error) {
        this.#parts.names.forget();
        throw error;
      }
    });
  }

  #use<Result>(use: () => Result): Result {
    return explained(this.#path, use);
  }

  /** What an iteration yields; what it throws is explained. */
  *#each<Item>(items: Iterable<Item>): Generator<Item> {
    const iterator = items[Symbol.iterator]();
    try {
      for (let next = this.#use(() => iterator.next()); !next.done; ) {
        yield next.value;
        next = this.#use(() => iterator.next());
      }
    } finally {
      iterator.return?.();
    }
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

const EVENTS_OF = `
  SELECT segments.names, segments.forgotten, streams.fields FROM segments JOIN inputs ON inputs.id = segments.input
  JOIN streams ON streams.id = inputs.stream WHERE segments.id = ?`;

const LOST = `
  SELECT DISTINCT inputs.name FROM inputs JOIN segments ON segments.input = inputs.id
  WHERE stream = ? AND duplicate + conflict > (SELECT count(*) FROM uncounted WHERE segment = segments.id)
  ORDER BY inputs.name`;

const REJECTS = 'SELECT line, offset, reason, text FROM rejects WHERE segment = ? ORDER BY offset';

const LAST_TIME = `
  SELECT max(last_time) AS last FROM segments WHERE input IN (SELECT id FROM inputs WHERE stream = ?)`;

const STREAM_OF = `
  SELECT streams.* FROM inputs JOIN streams ON streams.id = inputs.stream WHERE inputs.id = ?`;

function streamRowOf(row: Record<string, unknown>, keep: Keep): StreamRow {
  const { goneBefore = Number.NEGATIVE_INFINITY, ...stream } = streamOf(row);
  const own = { fields: stream.fields, goneBefore, hasMinutes: hasMinutes(keep, stream) };
  return { id: Number(row['id']), ...own, reading: readingOf(stream) };
}
