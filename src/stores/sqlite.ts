import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../core/errors.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { SegmentReject } from '../core/rejects.ts';
import type {
  Amendment,
  Commit,
  Committed,
  Keep,
  MinuteCount,
  Store,
  StoredInput,
  StoredSegment,
  StoreQuery,
  Stream,
} from '../core/store.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { amend } from './sqlite-amendment.ts';
import { explained, inTransaction, openDatabase } from './sqlite-database.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteNames } from './sqlite-names.ts';
import { forgettable, giveSpaceBack, prune } from './sqlite-pruning.ts';
import { SqliteRollups } from './sqlite-rollups.ts';
import { SqliteWriter, type StoreParts, type StreamRow } from './sqlite-writer.ts';

/** How a store's file is opened. */
export interface SqliteOptions {
  readonly path: string;
  /** For readers: the file must be there, and is not changed. */
  readonly readOnly?: boolean;
  /** Whether the file must be there; a reader's must. */
  readonly isThere?: boolean;
  /** What a new store keeps; one that is there keeps what it kept. */
  readonly keep?: Keep | undefined;
}

/**
 * A store in one file: SQLite, with its write-ahead log beside it. Others may read while one writes.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function sqlite({ path, readOnly = false, isThere = readOnly, keep }: SqliteOptions): Store {
  if (isThere && !existsSync(path))
    throw new DaybookError(
      'STORE_UNUSABLE',
      `there is no store ${path}; make one with daybook ingest`,
    );
  const db = openDatabase(path, { readOnly });
  return explained(path, () => new SqliteStore(db, path, keptBy(db, keep, path)));
}

class SqliteStore implements Store {
  readonly keep: Keep;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #parts: StoreParts;
  readonly #writer: SqliteWriter;

  constructor(db: DatabaseSync, path: string, keep: Keep) {
    this.keep = keep;
    this.#path = path;
    this.#db = db;
    const names = new SqliteNames(db);
    const [journal, rollups] = [new SqliteJournal(db, names), new SqliteRollups(db, names)];
    this.#parts = { names, journal, rollups, keep };
    this.#writer = new SqliteWriter(db, this.#parts);
  }

  async streams(): Promise<Stream[]> {
    return this.#use(() =>
      this.#db.prepare('SELECT * FROM streams ORDER BY name').all().map(streamOf),
    );
  }

  async addStream({ name, format, options, fields }: Stream): Promise<void> {
    this.#use(() =>
      this.#db
        .prepare(
          'INSERT OR IGNORE INTO streams (name, format, options, fields) VALUES (?, ?, ?, ?)',
        )
        .run(name, format, JSON.stringify(options), JSON.stringify(fields)),
    );
  }

  async inputs(stream: string): Promise<StoredInput[]> {
    return this.#use(() =>
      this.#db
        .prepare(`${INPUTS} WHERE stream = ? GROUP BY inputs.id`)
        .all(this.#stream(stream).id)
        .map(inputOf)
        .sort(byRank),
    );
  }

  async input(id: number): Promise<StoredInput> {
    return this.#use(() => inputOf(this.#db.prepare(`${INPUTS} WHERE inputs.id = ?`).get(id)!));
  }

  async commit(commit: Commit): Promise<Committed> {
    return this.#write(() => this.#writer.commit(this.#stream(commit.stream), commit));
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
    range: TimeRange = EVERYTHING,
  ): AsyncGenerator<EventBatch> {
    const row = this.#use(() => this.#db.prepare(EVENTS_OF).get(segment)!);
    const fields = JSON.parse(String(row['fields'])) as StreamRow['fields'];
    batch.others += Number(row['forgotten']);
    const names = row['names'] as Uint8Array;
    const events = this.#parts.journal.events(segment, names, fields, batch, range);
    yield* this.#each(events);
  }

  async *around(query: StoreQuery, batch: EventBatch): AsyncGenerator<EventBatch> {
    const stream = this.#use(() => this.#stream(query.stream));
    yield* this.#each(this.#parts.journal.around(stream, query, batch));
  }

  async *minutes(query: StoreQuery): AsyncGenerator<MinuteCount> {
    const { id } = this.#use(() => this.#stream(query.stream));
    yield* this.#each(this.#parts.rollups.minutes(id, query));
  }

  async *rejects(segment: number): AsyncGenerator<SegmentReject> {
    const found = this.#use(() => this.#db.prepare(REJECTS).iterate(segment));
    for (const { line, offset, reason, text } of this.#each(found)) {
      const place = { line: Number(line), offset: Number(offset) };
      yield { ...place, reason: String(reason), text: String(text) };
    }
  }

  async amend(stream: Stream, amendment?: Amendment): Promise<Omit<Committed, 'input'>> {
    return this.#write(() => amend(this.#db, this.#parts, stream, amendment));
  }

  async prune(stream: string, before: number, isTrial = false): Promise<number> {
    const parts = [this.#db, this.#parts] as const;
    if (isTrial) return this.#use(() => forgettable(...parts, this.#stream(stream), before));
    const count = await this.#write(() => prune(...parts, this.#stream(stream), before));
    if (count > 0) this.#use(() => giveSpaceBack(this.#db));
    return count;
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #stream(name: string): StreamRow {
    const row = this.#db.prepare('SELECT * FROM streams WHERE name = ?').get(name);
    if (row === undefined) throw new DaybookError('USAGE', `the store has no source ${name}`);
    const { fields, goneBefore = Number.NEGATIVE_INFINITY } = streamOf(row);
    return { id: Number(row['id']), fields, goneBefore };
  }

  /** Keeps what is done at once, or not at all. */
  async #write<Result>(work: () => Result): Promise<Result> {
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
function keptBy(db: DatabaseSync, asked: Keep | undefined, path: string): Keep {
  const find = db.prepare("SELECT value FROM settings WHERE name = 'keep'");
  const kept = find.get()?.['value'] as Keep | undefined;
  if (kept === undefined) {
    const keep = asked ?? 'events';
    db.prepare("INSERT INTO settings (name, value) VALUES ('keep', ?)").run(keep);
    return keep;
  }
  if (asked === undefined || asked === kept) return kept;
  throw new DaybookError(
    'USAGE',
    `${path} keeps ${kept}, not ${asked}; that is settled when a store is made`,
  );
}

const INPUTS = `
  SELECT inputs.*, coalesce(max(to_byte), 0) AS position, coalesce(max(to_byte) FILTER (WHERE NOT is_rest), 0) AS settled,
    json_group_object(to_byte, digest) FILTER (WHERE to_byte IS NOT NULL) AS digests,
    coalesce(sum(lines), 0) AS lines, coalesce(sum(blank), 0) AS blank, coalesce(sum(counted), 0) AS counted,
    coalesce(sum(duplicate), 0) AS duplicate, coalesce(sum(conflict), 0) AS conflict,
    json_group_array(rejected) FILTER (WHERE rejected <> '{}') AS rejected,
    min(first_time) AS first_time, max(last_time) AS last_time
  FROM inputs LEFT JOIN segments ON segments.input = inputs.id`;

const EVENTS_OF = `
  SELECT segments.names, segments.forgotten, streams.fields FROM segments JOIN inputs ON inputs.id = segments.input
  JOIN streams ON streams.id = inputs.stream WHERE segments.id = ?`;

const REJECTS = 'SELECT line, offset, reason, text FROM rejects WHERE segment = ? ORDER BY offset';

/** SHA-256 of no bytes. */
const NO_BYTES = createHash('sha256').digest('hex');

type Found = Record<string, unknown>;

function streamOf(row: Found): Stream {
  return {
    name: String(row['name']),
    format: String(row['format']),
    options: JSON.parse(String(row['options'])),
    fields: JSON.parse(String(row['fields'])),
    ...(row['gone_before'] !== null && { goneBefore: Number(row['gone_before']) }),
  };
}

function inputOf(row: Found): StoredInput {
  const rejected = new Map<string, number>();
  for (const some of JSON.parse(String(row['rejected'])) as string[])
    for (const [reason, count] of Object.entries(JSON.parse(some) as Record<string, number>))
      rejected.set(reason, (rejected.get(reason) ?? 0) + count);
  const number = (name: string) => Number(row[name]);
  const digests = JSON.parse(String(row['digests'] ?? '{}')) as Record<string, string>;
  const digestAt = (position: number) => digests[position] ?? NO_BYTES;
  const time = (name: string) => (row[name] === null ? undefined : Number(row[name]));
  return {
    id: number('id'),
    name: String(row['name']),
    position: number('position'),
    digest: digestAt(number('position')),
    head: { bytes: number('head_bytes'), digest: String(row['head']) },
    settled: { position: number('settled'), digest: digestAt(number('settled')) },
    lines: number('lines'),
    blank: number('blank'),
    counted: number('counted'),
    duplicate: number('duplicate'),
    conflict: number('conflict'),
    rejected: Object.fromEntries(rejected),
    firstTime: time('first_time'),
    lastTime: time('last_time'),
    decoder: row['decoder'] === null ? undefined : JSON.parse(String(row['decoder'])),
  };
}

function segmentOf(row: Found): StoredSegment {
  const number = (name: string) => Number(row[name]);
  return {
    id: number('id'),
    from: number('from_byte'),
    to: number('to_byte'),
    lines: number('lines'),
    blank: number('blank'),
    counted: number('counted'),
    duplicate: number('duplicate'),
    conflict: number('conflict'),
    rejected: JSON.parse(String(row['rejected'])),
    forgotten: number('forgotten'),
  };
}

/** By their first time, then by what is in them: not by when they came. */
function byRank(a: StoredInput, b: StoredInput): number {
  const [first, second] = [
    a.firstTime ?? Number.POSITIVE_INFINITY,
    b.firstTime ?? Number.POSITIVE_INFINITY,
  ];
  if (first !== second) return first < second ? -1 : 1;
  return a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.id - b.id;
}
