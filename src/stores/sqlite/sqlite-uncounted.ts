import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Dictionary } from '../../core/dictionary.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { type EventField, EventList } from '../../core/event-list.ts';
import { idOf, keyOf } from '../event-ids.ts';
import type { SqliteNames } from './sqlite-names.ts';

const NO_DATA = new Uint8Array(0);

/** For whom ids are kept that are to be free at once. */
export const NOBODY = 0;

/** Events of a stretch that may count now. */
export interface FreedEvents {
  readonly segment: number;
  /** The segment with which they came, which may be one with that in front by now. */
  readonly came: number;
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
      'INSERT INTO uncounted VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.#any = db.prepare('SELECT 1 FROM uncounted WHERE stream = ? LIMIT 1');
    this.#forget = db.prepare('DELETE FROM uncounted WHERE segment = ?');
    this.#forgetId = db.prepare('DELETE FROM uncounted WHERE stream = ? AND id = ?');
  }

  /**
   * @param nameIds - What the list's numbers of names are in the store.
   * @param came - The segment with which they came.
   */
  add(
    stream: number,
    segment: number,
    list: EventList,
    nameIds: Uint32Array,
    came: number = segment,
  ): void {
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
        came,
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

  /**
   * Remembers which of some ids that count no more others have; returns how to tell of one.
   *
   * @param keeper - The input for which these are kept until it is finished, or `NOBODY`.
   */
  freeing(stream: number, keeper: number): (key: Uint8Array) => boolean {
    const free = this.#db.prepare(`
      INSERT OR IGNORE INTO freed SELECT ?1, ?2
      WHERE EXISTS (SELECT 1 FROM uncounted WHERE stream = ?3 AND id = ?2)`);
    return (key) => free.run(keeper, key, stream).changes > 0;
  }

  /** Keeps the ids that were kept for an input for another one, or for `NOBODY`. Returns whether there are any. */
  hand(input: number, keeper: number): boolean {
    const hand = this.#db.prepare('UPDATE OR REPLACE freed SET input = ? WHERE input = ?');
    return hand.run(keeper, input).changes > 0;
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

  /** Takes those out whose ids were kept for an input, or for `NOBODY`: as they came, in the order of the log. */
  *takeFreed(
    stream: number,
    fields: readonly EventField[],
    keeper: number,
  ): Generator<FreedEvents> {
    const stretches = this.#db
      .prepare(`
        SELECT DISTINCT came, segment FROM freed CROSS JOIN uncounted ON uncounted.stream = ? AND uncounted.id = freed.id
        WHERE freed.input = ? ORDER BY came`)
      .all(stream, keeper);
    const ofStretch = `
      FROM uncounted WHERE segment = ? AND came = ? AND id IN (SELECT id FROM freed WHERE input = ?)`;
    const find = this.#db.prepare(`SELECT * ${ofStretch} ORDER BY position`);
    find.setReadBigInts(true);
    const remove = this.#db.prepare(`DELETE ${ofStretch}`);
    for (const row of stretches) {
      const [segment, came] = [Number(row['segment']), Number(row['came'])];
      const events = this.#listOf(find.all(segment, came, keeper), fields);
      remove.run(segment, came, keeper);
      yield { segment, came, events };
    }
    this.#db.prepare('DELETE FROM freed WHERE input = ?').run(keeper);
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
