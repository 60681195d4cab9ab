import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventField } from '../core/event-list.ts';
import { type Commit, type Committed, ConflictingCommit, type Keep } from '../core/store.ts';
import { EventIds, siftIds } from './event-ids.ts';
import { overtaken } from './refusals.ts';
import { extentOf, packIds, type SqliteJournal } from './sqlite-journal.ts';
import type { SqliteNames } from './sqlite-names.ts';
import type { SqliteRollups } from './sqlite-rollups.ts';
import { withdrawInput, withdrawRest } from './sqlite-withdrawal.ts';

/** A stream's number in the store, and the columns of its events. */
export interface StreamRow {
  readonly id: number;
  readonly fields: readonly EventField[];
  /** Some events before this instant are forgotten; infinitely long ago where none is. */
  readonly goneBefore: number;
}

/** The parts of a store. */
export interface StoreParts {
  readonly names: SqliteNames;
  readonly journal: SqliteJournal;
  readonly rollups: SqliteRollups;
  readonly keep: Keep;
}

/** Writes what stretches of inputs brought; its callers see to the transaction. */
export class SqliteWriter {
  readonly #parts: StoreParts;
  readonly #ids: EventIds;
  readonly #db: DatabaseSync;
  readonly #insertInput: StatementSync;
  readonly #updateInput: StatementSync;
  readonly #latest: StatementSync;
  readonly #position: StatementSync;
  readonly #insertSegment: StatementSync;
  readonly #insertReject: StatementSync;

  constructor(db: DatabaseSync, parts: StoreParts) {
    this.#db = db;
    this.#parts = parts;
    this.#ids = new EventIds(db);
    this.#insertInput = db.prepare(
      'INSERT INTO inputs (stream, name, head_bytes, head) VALUES (?, ?, ?, ?)',
    );
    this.#updateInput = db.prepare('UPDATE inputs SET name = ?, decoder = ? WHERE id = ?');
    this.#latest = db.prepare('SELECT coalesce(max(id), 0) AS latest FROM inputs WHERE stream = ?');
    // Found at the end of an index, however many segments there are.
    this.#position = db.prepare(`
      SELECT coalesce((SELECT to_byte FROM segments WHERE input = inputs.id ORDER BY from_byte DESC LIMIT 1), 0) AS position
      FROM inputs WHERE id = ?`);
    this.#insertSegment = db.prepare(`
      INSERT INTO segments (input, from_byte, to_byte, digest, is_rest, lines, blank, counted, duplicate, conflict, rejected,
        first_time, last_time, names) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#insertReject = db.prepare(
      'INSERT INTO rejects (segment, line, offset, reason, text) VALUES (?, ?, ?, ?, ?)',
    );
  }

  commit(stream: StreamRow, commit: Commit): Committed {
    const { events, from, to, lines, blank } = commit;
    const { names, journal, rollups, keep } = this.#parts;
    const { name, replaces } = commit;
    if (replaces !== undefined && !withdrawInput(this.#db, this.#parts, stream, replaces))
      throw overtaken(name);
    const input = commit.input ?? this.#newInput(stream, commit);
    withdrawRest(this.#db, this.#parts, stream, input);
    if (this.#position.get(input)?.['position'] !== from) throw overtaken(name);
    const nameIds = names.addAll(events.names);
    const sifted = siftIds(this.#ids, stream.id, events, nameIds, commit.untimed);
    const { duplicate, conflict, conflicts, fates } = sifted;
    if (commit.isWhole && conflict > 0) throw new ConflictingCommit(fates!);
    const counted = events.length;
    const { first, last } = extentOf(events.columns.time, 0, counted);
    const times = counted > 0 ? ([first, last] as const) : ([null, null] as const);
    // Among days of which events are forgotten nothing can be taken back.
    const isRest = commit.isRest && !(first < stream.goneBefore);
    const rejected = JSON.stringify(Object.fromEntries(commit.rejected));
    const segment = Number(
      this.#insertSegment.run(
        ...[input, from, to, commit.digest, Number(isRest), lines, blank],
        ...[counted, duplicate, conflict, rejected],
        ...times,
        packIds(nameIds),
      ).lastInsertRowid,
    );
    if (keep === 'events') journal.add(segment, events);
    rollups.add(stream.id, events, nameIds);
    for (const { line, offset, reason, text } of [...commit.rejects, ...conflicts])
      this.#insertReject.run(segment, line, offset, reason, text);
    const decoder = commit.decoder === undefined ? null : JSON.stringify(commit.decoder);
    this.#updateInput.run(name, decoder, input);
    return { input, counted, duplicate, conflict, ...(fates && { fates }) };
  }

  #newInput(stream: StreamRow, { name, head, latest }: Commit): number {
    if (latest !== undefined && Number(this.#latest.get(stream.id)!['latest']) > latest)
      throw overtaken(name);
    return Number(this.#insertInput.run(stream.id, name, head.bytes, head.digest).lastInsertRowid);
  }
}
