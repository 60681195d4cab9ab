import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventField } from '../../core/event-list.ts';
import { type Commit, type Committed, ConflictingCommit, type Keep } from '../../core/store.ts';
import { EventIds, siftIds } from '../event-ids.ts';
import { overtaken } from '../refusals.ts';
import { countFreed } from './sqlite-amendment.ts';
import { SqliteJoining } from './sqlite-joining.ts';
import { extentOf, packIds, type SqliteJournal } from './sqlite-journal.ts';
import type { SqliteNames } from './sqlite-names.ts';
import { MOST_WAITING, type SqlitePending } from './sqlite-pending.ts';
import type { SqliteRollups } from './sqlite-rollups.ts';
import { lastOf } from './sqlite-rows.ts';
import { NOBODY, type SqliteUncounted } from './sqlite-uncounted.ts';
import { withdrawInput, withdrawRest } from './sqlite-withdrawal.ts';

/** A stream's number in the store, and the columns of its events. */
export interface StreamRow {
  readonly id: number;
  readonly fields: readonly EventField[];
  /** How its records are read. */
  readonly reading: string;
  /** Some events before this instant are forgotten; infinitely long ago where none is. */
  readonly goneBefore: number;
  /** Whether its events are counted by minute. */
  readonly hasMinutes: boolean;
}

/** The parts of a store. */
export interface StoreParts {
  readonly names: SqliteNames;
  readonly journal: SqliteJournal;
  readonly rollups: SqliteRollups;
  readonly uncounted: SqliteUncounted;
  readonly pending: SqlitePending;
  readonly keep: Keep;
}

/** Writes what stretches of inputs brought; its callers see to the transaction. */
export class SqliteWriter {
  readonly #parts: StoreParts;
  readonly #ids: EventIds;
  readonly #joining: SqliteJoining;
  readonly #db: DatabaseSync;
  readonly #insertInput: StatementSync;
  readonly #updateInput: StatementSync;
  readonly #latest: StatementSync;
  readonly #rest: StatementSync;
  readonly #position: StatementSync;
  readonly #insertSegment: StatementSync;
  readonly #insertReject: StatementSync;

  constructor(db: DatabaseSync, parts: StoreParts) {
    this.#db = db;
    this.#parts = parts;
    this.#ids = new EventIds(db);
    this.#joining = new SqliteJoining(db, parts);
    this.#insertInput = db.prepare(
      'INSERT INTO inputs (stream, name, head_bytes, head, is_unfinished) VALUES (?, ?, ?, ?, ?)',
    );
    this.#updateInput = db.prepare('UPDATE inputs SET name = ?, decoder = ? WHERE id = ?');
    this.#latest = db.prepare('SELECT coalesce(max(id), 0) AS latest FROM inputs WHERE stream = ?');
    // Found at the end of an index, however many segments there are.
    this.#rest = db.prepare(
      `SELECT 1 FROM segments WHERE id = (SELECT id FROM segments ${lastOf('?')}) AND is_rest = 1`,
    );
    this.#position = db.prepare(`
      SELECT coalesce((SELECT to_byte FROM segments ${lastOf('inputs.id')}), 0) AS position FROM inputs
      WHERE id = ?`);
    this.#insertSegment = db.prepare(`
      INSERT INTO segments (input, from_byte, to_byte, digest, is_rest, lines, blank, counted, duplicate, conflict, rejected,
        first_time, last_time, names, is_pending) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertReject = db.prepare(
      'INSERT INTO rejects (segment, line, offset, reason, text) VALUES (?, ?, ?, ?, ?)',
    );
  }

  commit(stream: StreamRow, commit: Commit): Committed {
    const { events, from, to, lines, blank } = commit;
    const { names, journal, rollups, keep } = this.#parts;
    const { name, replaces = [], reading = stream.reading } = commit;
    if (reading !== stream.reading) throw overtaken(name);
    const input = commit.input ?? this.#newInput(stream, commit);
    const keeper = commit.isReplacing ? input : NOBODY;
    let isFreed = false;
    for (const replaced of replaces)
      isFreed = this.#withdraw(stream, replaced, keeper, name) || isFreed;
    if (this.#rest.get(input))
      isFreed = withdrawRest(this.#db, this.#parts, stream, input) || isFreed;
    if (this.#position.get(input)?.['position'] !== from) throw overtaken(name);
    const nameIds = names.addAll(events.names);
    const sifted = siftIds(this.#ids, stream.id, events, nameIds, commit.untimed);
    const { duplicate, conflict, conflicts, uncounted, fates } = sifted;
    if (commit.isWhole && conflict > 0) throw new ConflictingCommit(fates!);
    const counted = events.length;
    const { first, last } = extentOf(events.columns.time, 0, counted);
    const times = counted > 0 ? ([first, last] as const) : ([null, null] as const);
    // What may be taken back is not among what has been added up.
    const mayWait = commit.isRest || (counted > 0 && counted < MOST_WAITING);
    const isPending = keep === 'events' && stream.hasMinutes && mayWait;
    const rejected = JSON.stringify(Object.fromEntries(commit.rejected));
    const segment = Number(
      this.#insertSegment.run(
        ...[input, from, to, commit.digest, Number(commit.isRest), lines, blank],
        ...[counted, duplicate, conflict, rejected],
        ...times,
        packIds(nameIds),
        Number(isPending),
      ).lastInsertRowid,
    );
    if (keep === 'events') {
      journal.add(segment, events);
      if (uncounted) this.#parts.uncounted.add(stream.id, segment, uncounted, nameIds);
    }
    if (stream.hasMinutes && !isPending) rollups.add(stream.id, events, nameIds);
    for (const { line, offset, reason, text } of [...commit.rejects, ...conflicts])
      this.#insertReject.run(segment, line, offset, reason, text);
    const decoder = commit.decoder === undefined ? null : JSON.stringify(commit.decoder);
    this.#updateInput.run(name, decoder, input);
    // Behind what takes the place of those that had the ids.
    if (isFreed) countFreed(this.#db, this.#parts, stream);
    if (!commit.isRest) this.#joining.join(stream, input);
    if (isPending) rollups.addPending(stream.id);
    return { input, counted, duplicate, conflict, ...(fates && { fates }) };
  }

  /** Withdraws an input that is replaced. Returns whether ids are free now that others have. */
  #withdraw(stream: StreamRow, input: number, keeper: number, name: string): boolean {
    if (this.#position.get(input) === undefined) throw overtaken(name);
    return withdrawInput(this.#db, this.#parts, stream, input, keeper);
  }

  #newInput(stream: StreamRow, { name, head, latest, isUnfinished = false }: Commit): number {
    if (latest !== undefined && Number(this.#latest.get(stream.id)!['latest']) > latest)
      throw overtaken(name);
    const row = [stream.id, name, head.bytes, head.digest, Number(isUnfinished)] as const;
    return Number(this.#insertInput.run(...row).lastInsertRowid);
  }
}
