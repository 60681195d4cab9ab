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
  readonly #find: StatementSync;
  readonly #forgetId: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#db = db;
    this.#names = names;
    this.#insert = db.prepare(
      'INSERT INTO uncounted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#any = db.prepare('SELECT 1 FROM uncounted WHERE stream = ? LIMIT 1');
    this.#find = db.prepare('SELECT 1 FROM uncounted WHERE stream = ? AND id = ? LIMIT 1');
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

  /** Whether there are any of an id. */
  has(stream: number, id: Uint8Array): boolean {
    return this.#find.get(stream, keyOf(id)) !== undefined;
  }

  /** Forgets those of some segments. */
  forget(stream: number, segments: readonly number[]): void {
    const among = 'SELECT value FROM json_each(?)';
    this.#db
      .prepare(`DELETE FROM uncounted WHERE stream = ? AND segment IN (${among})`)
      .run(stream, JSON.stringify(segments));
  }

  /** Forgets those of a subject. */
  forgetSubject(name: number): void {
    this.#db.prepare('DELETE FROM uncounted WHERE subject = ?').run(name);
  }

  /** Forgets those of an id. */
  forgetId(stream: number, id: Uint8Array): void {
    this.#forgetId.run(stream, keyOf(id));
  }

  /** Forgets those before an instant. */
  forgetBefore(stream: number, before: number): void {
    this.#db.prepare('DELETE FROM uncounted WHERE stream = ? AND time < ?').run(stream, before);
  }

  /** Takes those out whose ids none has that counts: segment by segment as they came, in the order of the log. */
  *takeFreed(stream: number, fields: readonly EventField[]): Generator<FreedEvents> {
    this.#db.exec(`
      CREATE TEMP TABLE freed AS SELECT * FROM uncounted WHERE stream = ${stream}
        AND NOT EXISTS (SELECT 1 FROM ids WHERE ids.stream = ${stream} AND ids.id = uncounted.id);
      DELETE FROM uncounted WHERE stream = ${stream} AND id IN (SELECT id FROM freed)`);
    const segments = this.#db.prepare('SELECT DISTINCT segment FROM freed ORDER BY segment').all();
    const ofSegment = this.#db.prepare('SELECT * FROM freed WHERE segment = ? ORDER BY position');
    ofSegment.setReadBigInts(true);
    for (const row of segments) {
      const segment = Number(row['segment']);
      yield { segment, events: this.#listOf(ofSegment.all(segment), fields) };
    }
    this.#db.exec('DROP TABLE freed');
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
