import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventBatch } from '../../core/event-batch.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import {
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
} from '../../core/store.ts';
import { EVERYTHING } from '../../core/time-range.ts';
import { noStream, takenBack } from '../refusals.ts';
import { explained } from './sqlite-database.ts';
import { SqliteJournal } from './sqlite-journal.ts';
import { SqliteKnown } from './sqlite-known.ts';
import { SqliteNames } from './sqlite-names.ts';
import { SqlitePending } from './sqlite-pending.ts';
import { SqliteRollups } from './sqlite-rollups.ts';
import { INPUTS, inputOf, segmentOf, streamOf } from './sqlite-rows.ts';
import { SqliteUncounted } from './sqlite-uncounted.ts';
import { SqliteVersion } from './sqlite-version.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/** What is asked of a store, which leaves it as it is. */
type Reading =
  | 'streams'
  | 'inputs'
  | 'input'
  | 'lastTime'
  | 'withLostDuplicates'
  | 'segments'
  | 'events'
  | 'around'
  | 'minutes'
  | 'addHours'
  | 'rejects';

/** A store in one file, as far as it is read. */
export class SqliteReader implements Pick<Store, Reading> {
  readonly keep: Keep;
  protected readonly path: string;
  protected readonly db: DatabaseSync;
  protected readonly parts: StoreParts;
  protected readonly version: SqliteVersion;
  readonly #known: SqliteKnown;
  readonly #stream: StatementSync;

  constructor(db: DatabaseSync, path: string, keep: Keep) {
    this.keep = keep;
    this.path = path;
    this.db = db;
    this.version = new SqliteVersion(db);
    const names = new SqliteNames(db);
    const journal = new SqliteJournal(db, names);
    const pending = new SqlitePending(db, journal, this.version);
    const rollups = new SqliteRollups(db, names, pending);
    const uncounted = new SqliteUncounted(db, names);
    this.parts = { names, journal, pending, rollups, uncounted, keep };
    this.#known = new SqliteKnown(db, this.version);
    this.#stream = db.prepare('SELECT * FROM streams WHERE name = ?');
  }

  async streams(): Promise<Stream[]> {
    return this.use(() => [...this.#known.streams().values()].map(({ stream }) => stream));
  }

  async inputs(stream: string): Promise<StoredInput[]> {
    return this.use(() => [...this.#known.inputs(stream)]);
  }

  async input(id: number): Promise<StoredInput> {
    const found = `${INPUTS} WHERE inputs.id = ? GROUP BY inputs.id`;
    const row = this.use(() => this.db.prepare(found).get(id));
    if (row === undefined) throw takenBack();
    return inputOf(row);
  }

  async lastTime(stream: string): Promise<number | undefined> {
    const time = this.use(() => this.db.prepare(LAST_TIME).get(this.#known.idOf(stream)))!['last'];
    return time === null ? undefined : Number(time);
  }

  async withLostDuplicates(stream: string): Promise<string[]> {
    const rows = this.use(() => this.db.prepare(LOST).all(this.streamRow(stream).id));
    return rows.map(({ name }) => String(name));
  }

  async segments(input: number): Promise<StoredSegment[]> {
    return this.use(() =>
      this.db
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
    const row = this.use(() => this.db.prepare(EVENTS_OF).get(segment));
    if (row === undefined) throw takenBack();
    const fields = JSON.parse(String(row['fields'])) as StreamRow['fields'];
    batch.others += Number(row['forgotten']);
    const names = row['names'] as Uint8Array;
    const events = this.parts.journal.events(segment, names, fields, batch, interest);
    yield* this.#each(events);
  }

  async *around(query: StoreQuery, batch: EventBatch): AsyncGenerator<EventBatch> {
    const stream = this.use(() => this.streamRow(query.stream));
    yield* this.#each(this.parts.journal.around(stream, query, batch));
  }

  async *minutes(
    query: StoreQuery,
    unit: 'minute' | 'hour' = 'minute',
  ): AsyncGenerator<readonly MinuteCount[]> {
    const id = this.use(() => this.#known.idOf(query.stream));
    const minutes = () => this.parts.rollups.minutes(id, query, unit);
    // What waits may be added up while who asks takes what was: then it would be in neither.
    yield* this.version.isLasting ? this.#each(minutes()) : this.#atOnce(() => [...minutes()]);
  }

  async addHours(query: HoursQuery, counts: Float64Array): Promise<void> {
    this.#atOnce(() => this.parts.rollups.addHours(this.#known.idOf(query.stream), query, counts));
  }

  async *rejects(segment: number): AsyncGenerator<SegmentReject> {
    const found = this.use(() => this.db.prepare(REJECTS).iterate(segment));
    for (const { line, offset, reason, text } of this.#each(found)) {
      const place = { line: Number(line), offset: Number(offset) };
      yield { ...place, reason: String(reason), text: String(text) };
    }
  }

  protected streamRow(name: string): StreamRow {
    const row = this.#stream.get(name);
    if (row === undefined) throw noStream(name);
    return streamRowOf(row, this.keep);
  }

  protected use<Result>(use: () => Result): Result {
    return explained(this.path, use);
  }

  /** Reads what another process may change meanwhile, in one version. */
  #atOnce<Result>(read: () => Result): Result {
    return this.use(() => {
      this.version.settle();
      return read();
    });
  }

  /** What an iteration yields; what it throws is explained. */
  *#each<Item>(items: Iterable<Item>): Generator<Item> {
    const iterator = items[Symbol.iterator]();
    try {
      for (let next = this.use(() => iterator.next()); !next.done; ) {
        yield next.value;
        next = this.use(() => iterator.next());
      }
    } finally {
      iterator.return?.();
    }
  }
}

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

/** A stream out of its row, as it is written to. */
export function streamRowOf(row: Record<string, unknown>, keep: Keep): StreamRow {
  const { goneBefore = Number.NEGATIVE_INFINITY, ...stream } = streamOf(row);
  const own = { fields: stream.fields, goneBefore, hasMinutes: hasMinutes(keep, stream) };
  return { id: Number(row['id']), ...own, reading: readingOf(stream) };
}
