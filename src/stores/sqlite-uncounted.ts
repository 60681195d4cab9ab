import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Dictionary } from '../core/dictionary.ts';
import { EventBatch } from '../core/event-batch.ts';
import { type EventField, EventList } from '../core/event-list.ts';
import { idOf, keyOf } from './event-ids.ts';
import type { SqliteNames } from './sqlite-names.ts';

const NO_DATA = new Uint8Array(0);

/** Events of a stretch that may count now. */
export interface FreedEvents {
  readonly segment: number;
  readonly events: EventList;
}

/**
 * Events that do not count, since one with their id does: duplicates and conflicts. They are kept for the case that
 * the other one is withdrawn.
 */
export class SqliteUncounted {
  readonly #db: DatabaseSync;
  readonly #names: SqliteNames;
  readonly #insert: StatementSync;
  readonly #any: StatementSync;
  readonly #forget: StatementSync;
  readonly #forgetId: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#db = db;
    this.#names = names;
    this.#insert = db.prepare(
      'INSERT INTO uncounted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#any = db.prepare('SELECT 1 FROM uncounted WHERE stream = ? LIMIT 1');
    this.#forget = db.prepare('DELETE FROM uncounted WHERE segment = ?');
    this.#forgetId = db.prepare('DELETE FROM uncounted WHERE stream = ? AND id = ?');
  }

  /** @param nameIds - What the list's numbers of names are in the store. */
  add(stream: number, segment: number, list: EventList, nameIds: Uint32Array): void {
    const { columns, fields, ids, data } = list;
    const { time, position, line, subject, object, type, kind, value, scale } = columns;
    const has = (field: EventField) => fields.includes(field);
    const [hasObject, hasType, hasKind] = [has('object'), has('type'), has('kind')];
    const [hasValue, hasData] = [has('value'), has('data')];
    for (let i = 0; i < list.length; i++)
      this.#insert.run(
        ...[stream, keyOf(ids.bytesOf(i)), segment, position[i]!, line[i]!, time[i]!],
        nameIds[subject[i]!]!,
        hasObject ? nameIds[object[i]!]! : 0,
        hasType ? nameIds[type[i]!]! : 0,
        ...[hasKind ? kind[i]! : 0, hasValue ? value[i]! : 0, hasValue ? scale[i]! : 0],
        hasData ? data.bytesOf(i) : NO_DATA,
      );
  }

  /** Whether there are any in a stream. */
  hasAny(stream: number): boolean {
    return this.#any.get(stream) !== undefined;
  }

  /** Forgets those of a segment. */
  forget(segment: number): void {
    this.#forget.run(segment);
  }

  /** Remembers, within a transaction, which of some ids that count no more others have; returns how to tell of one. */
  freeing(stream: number): (key: Uint8Array) => boolean {
    this.#db.exec('CREATE TEMP TABLE IF NOT EXISTS freed (id BLOB PRIMARY KEY) WITHOUT ROWID');
    const free = this.#db.prepare(`
      INSERT OR IGNORE INTO temp.freed SELECT ?1
      WHERE EXISTS (SELECT 1 FROM uncounted WHERE stream = ?2 AND id = ?1)`);
    return (key) => free.run(key, stream).changes > 0;
  }

  /** Forgets those of a subject. */
  forgetSubject(name: number): void {
    this.#db.prepare('DELETE FROM uncounted WHERE subject = ?').run(name);
  }

  /** Forgets those of an id. */
  forgetId(stream: number, id: Uint8Array): void {
    this.#forgetId.run(stream, keyOf(id));
  }

  /** Forgets those before an instant. Returns whether there were any. */
  forgetBefore(stream: number, before: number): boolean {
    const forget = this.#db.prepare('DELETE FROM uncounted WHERE stream = ? AND time < ?');
    return forget.run(stream, before).changes > 0;
  }

  /** Takes those out whose ids were set free: segment by segment as they came, in the order of the log. */
  *takeFreed(stream: number, fields: readonly EventField[]): Generator<FreedEvents> {
    const segments = this.#db
      .prepare(`
        SELECT DISTINCT segment FROM temp.freed CROSS JOIN uncounted ON uncounted.stream = ? AND uncounted.id = freed.id
        ORDER BY segment`)
      .all(stream);
    const ofSegment = 'FROM uncounted WHERE segment = ? AND id IN (SELECT id FROM temp.freed)';
    const find = this.#db.prepare(`SELECT * ${ofSegment} ORDER BY position`);
    find.setReadBigInts(true);
    const remove = this.#db.prepare(`DELETE ${ofSegment}`);
    for (const row of segments) {
      const segment = Number(row['segment']);
      const events = this.#listOf(find.all(segment), fields);
      remove.run(segment);
      yield { segment, events };
    }
    this.#db.exec('DELETE FROM temp.freed');
  }

  #listOf(rows: readonly Record<string, unknown>[], fields: readonly EventField[]): EventList {
    const list = new EventList(fields);
    const batch = new EventBatch();
    batch.names = new Dictionary();
    for (const row of rows) {
      this.#push(batch, row, fields);
      if (batch.length < EventBatch.CAPACITY) continue;
      list.append(batch);
      batch.clear();
    }
    list.append(batch);
    return list;
  }

  #push(batch: EventBatch, row: Record<string, unknown>, fields: readonly EventField[]): void {
    const i = batch.length++;
    for (const column of ['time', 'position', 'line', 'kind', 'scale'] as const)
      batch[column][i] = Number(row[column]);
    batch.value[i] = row['value'] as bigint;
    for (const column of ['subject', 'object', 'type'] as const) {
      if (column !== 'subject' && !fields.includes(column)) continue;
      const name = this.#names.bytesOf(Number(row[column]));
      batch[column][i] = batch.names.add(name, 0, name.length);
    }
    const id = idOf(row['id'] as Uint8Array);
    batch.id.append(id, 0, id.length);
    const data = row['data'] as Uint8Array;
    if (fields.includes('data')) batch.data.append(data, 0, data.length);
  }
}
