import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Dictionary } from '../../core/dictionary.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { type EventField, EventList } from '../../core/event-list.ts';
import type { Interest } from '../../core/store.ts';
import { MINUTE } from '../../core/time.ts';
import { EVERYTHING, type TimeRange } from '../../core/time-range.ts';
import { mayHave, packHosts } from '../chunk-hosts.ts';
import { CHUNK_EVENTS, packChunk, unpackChunk } from '../journal-chunk.ts';
import type { SqliteNames } from './sqlite-names.ts';

/** Every event, in chunks. */
export class SqliteJournal {
  readonly #db: DatabaseSync;
  readonly #names: SqliteNames;
  readonly #insert: StatementSync;
  readonly #insertMinutes: StatementSync;
  readonly #forget: StatementSync;
  readonly #forgetMinutes: StatementSync;
  readonly #insertHosts: StatementSync;
  readonly #forgetHosts: StatementSync;
  readonly #body: StatementSync;
  /** For each dictionary, its numbers of names by their ids in the store, counted from 1. */
  readonly #numbers = new WeakMap<Dictionary, number[]>();

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#db = db;
    this.#names = names;
    this.#insert = db.prepare(
      'INSERT INTO chunks (segment, events, first_time, last_time, body) VALUES (?, ?, ?, ?, ?)',
    );
    this.#insertMinutes = db.prepare(
      'INSERT INTO chunk_minutes (id, first, last) VALUES (?, ?, ?)',
    );
    this.#insertHosts = db.prepare('INSERT INTO chunk_hosts (id, hosts) VALUES (?, ?)');
    this.#forget = db.prepare('DELETE FROM chunks WHERE segment = ?');
    const ofSegment = 'WHERE id IN (SELECT id FROM chunks WHERE segment = ?)';
    this.#forgetMinutes = db.prepare(`DELETE FROM chunk_minutes ${ofSegment}`);
    this.#forgetHosts = db.prepare(`DELETE FROM chunk_hosts ${ofSegment}`);
    this.#body = db.prepare('SELECT body FROM chunks WHERE id = ?');
  }

  add(segment: number, list: EventList): void {
    for (let from = 0; from < list.length; from += CHUNK_EVENTS) {
      const to = Math.min(from + CHUNK_EVENTS, list.length);
      const { first, last } = extentOf(list.columns.time, from, to);
      const body = packChunk(list, from, to);
      const { lastInsertRowid } = this.#insert.run(segment, to - from, first, last, body);
      this.#insertMinutes.run(lastInsertRowid, minuteOf(first), minuteOf(last));
      if (list.fields.includes('object'))
        this.#insertHosts.run(lastInsertRowid, packHosts(list, from, to));
    }
  }

  /** The events of a segment, chunk by chunk; of chunks without any of interest only their number. */
  *events(
    segment: number,
    names: Uint8Array,
    fields: readonly EventField[],
    batch: EventBatch,
    interest: Interest = EVERYTHING,
  ): Generator<EventBatch> {
    const { from, to, host } = interest;
    const ids = idsOf(names);
    const asked = host === undefined ? undefined : this.#numbersOf(host, ids);
    let nameIds: Uint32Array | undefined;
    // A statement of its own: others may read at the same time.
    for (const row of this.#db.prepare(HEADS_OF_SEGMENT).iterate(segment)) {
      const count = Number(row['events']);
      const hosts = row['hosts'] as Uint8Array | null;
      const isOutside = Number(row['last_time']) < from || Number(row['first_time']) >= to;
      if (isOutside || (asked && !(hosts ? mayHave(hosts, asked) : asked.length > 0))) {
        batch.others += count;
        continue;
      }
      nameIds ??= this.#numbersIn(batch.names, ids);
      unpackChunk(this.#bodyOf(row['id']), count, fields, batch, nameIds);
      yield batch;
      batch.clear();
    }
    if (batch.others > 0) yield batch;
    batch.clear();
  }

  /** The chunks of a stream with events in a range, which may have others, too. */
  *around(
    stream: { readonly id: number; readonly fields: readonly EventField[] },
    { from, to }: TimeRange,
    batch: EventBatch,
  ): Generator<EventBatch> {
    for (const row of this.#db.prepare(AROUND).iterate(stream.id, minuteOf(to), minuteOf(from))) {
      const nameIds = this.#numbersIn(batch.names, idsOf(row['names'] as Uint8Array));
      unpackChunk(row['body'] as Uint8Array, Number(row['events']), stream.fields, batch, nameIds);
      yield batch;
      batch.clear();
    }
  }

  /** All events of a segment, whose names stay the numbers that they are there. */
  listOf(segment: number, names: Uint8Array, fields: readonly EventField[]): EventList {
    const list = new EventList(fields);
    this.addTo(
      list,
      segment,
      idsOf(names).map((_, number) => number),
    );
    return list;
  }

  /**
   * Adds all events of a segment to a list.
   *
   * @param numbers - What its numbers of names are there.
   * @param linesBefore - Lines of the list in front of the segment.
   */
  addTo(list: EventList, segment: number, numbers: Uint32Array, linesBefore = 0): void {
    for (const row of this.#db.prepare(OF_SEGMENT).iterate(segment)) {
      scratch.clear();
      const body = row['body'] as Uint8Array;
      unpackChunk(body, Number(row['events']), list.fields, scratch, numbers);
      if (linesBefore > 0) for (let i = 0; i < scratch.length; i++) scratch.line[i]! += linesBefore;
      list.append(scratch);
    }
    scratch.clear();
  }

  /** Forgets the events of a segment. */
  forget(segment: number): void {
    this.#forgetMinutes.run(segment);
    this.#forgetHosts.run(segment);
    this.#forget.run(segment);
  }

  #bodyOf(chunk: unknown): Uint8Array {
    return this.#body.get(chunk as number)!['body'] as Uint8Array;
  }

  /** What numbers a host has among the names of a segment. */
  #numbersOf(host: string, ids: Uint32Array): number[] {
    const id = this.#names.find(Buffer.from(host));
    const numbers: number[] = [];
    for (let i = id === undefined ? -1 : ids.indexOf(id); i >= 0; i = ids.indexOf(id!, i + 1))
      numbers.push(i);
    return numbers;
  }

  /** What a dictionary's numbers of names are, to which those that are missing are added. */
  #numbersIn(names: Dictionary, ids: Uint32Array): Uint32Array {
    const numbers = this.#numbers.get(names) ?? [];
    this.#numbers.set(names, numbers);
    return ids.map((id) => {
      let number = numbers[id];
      if (number === undefined) {
        const name = this.#names.bytesOf(id);
        number = names.add(name, 0, name.length);
        numbers[id] = number;
      }
      return number;
    });
  }
}

/** Filled and emptied again within a function: it is far larger than most segments. */
const scratch = new EventBatch();

const OF_SEGMENT = 'SELECT events, body FROM chunks WHERE segment = ? ORDER BY id';

/** Without the bodies, many of which are often not wanted. */
const HEADS_OF_SEGMENT = `
  SELECT chunks.id, events, first_time, last_time, hosts FROM chunks LEFT JOIN chunk_hosts USING (id)
  WHERE segment = ? ORDER BY chunks.id`;

const AROUND = `
  SELECT chunks.events, chunks.body, segments.names
  FROM chunk_minutes JOIN chunks USING (id) JOIN segments ON segments.id = chunks.segment
  JOIN inputs ON inputs.id = segments.input AND inputs.stream = ?
  WHERE chunk_minutes.first <= ? AND chunk_minutes.last >= ?`;

/** Ids of names as they are kept. */
export function packIds(ids: Uint32Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength);
}

/** The ids that were packed. */
export function idsOf(packed: Uint8Array): Uint32Array<ArrayBuffer> {
  return new Uint32Array(packed.slice().buffer);
}

/** Least and greatest of some numbers. */
export function extentOf(
  numbers: Float64Array,
  from: number,
  to: number,
): { first: number; last: number } {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (let i = from; i < to; i++) {
    if (numbers[i]! < first) first = numbers[i]!;
    if (numbers[i]! > last) last = numbers[i]!;
  }
  return { first, last };
}

/** The minute since the epoch, as near as 32 bits come to it. */
function minuteOf(time: number): number {
  return Math.max(-(2 ** 31), Math.min(Math.floor(time / MINUTE), 2 ** 31 - 1));
}
