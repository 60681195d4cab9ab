import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { booksOf, type FoundRecords } from '../../core/books.ts';
import { EventList } from '../../core/event-list.ts';
import { joinable, MOST_LOOKED_AT, sizeOf } from '../segment-sizes.ts';
import { idsOf, packIds } from './sqlite-journal.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/** A segment as it is joined with others. */
interface JoinedSegment {
  readonly id: number;
  readonly to_byte: number;
  readonly digest: string;
  readonly lines: number;
  readonly blank: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly rejected: string;
  readonly first_time: number | null;
  readonly last_time: number | null;
  readonly names: Uint8Array;
  readonly forgotten: number;
  readonly is_pending: number;
}

/**
 * Makes one segment of the last small ones of an input, which keeps the id of the first: who knows that still finds what
 * stood there, at the same lines.
 */
export class SqliteJoining {
  readonly #parts: StoreParts;
  readonly #sizes: StatementSync;
  readonly #find: StatementSync;
  readonly #move: readonly StatementSync[];
  readonly #remove: StatementSync;
  readonly #update: StatementSync;

  constructor(db: DatabaseSync, parts: StoreParts) {
    this.#parts = parts;
    const last = 'WHERE input = ? AND is_rest = 0 ORDER BY from_byte DESC, id DESC LIMIT ?';
    this.#sizes = db.prepare(`SELECT lines, to_byte - from_byte AS bytes FROM segments ${last}`);
    this.#sizes.setReturnArrays(true);
    this.#find = db.prepare(`SELECT * FROM segments ${last}`);
    this.#move = ['rejects', 'uncounted'].map((table) =>
      db.prepare(`UPDATE ${table} SET segment = ?, line = line + ? WHERE segment = ?`),
    );
    this.#remove = db.prepare('DELETE FROM segments WHERE id = ?');
    this.#update = db.prepare(`
      UPDATE segments SET to_byte = ?, digest = ?, lines = ?, blank = ?, counted = ?, duplicate = ?, conflict = ?,
        rejected = ?, first_time = ?, last_time = ?, names = ?, forgotten = ?, is_pending = ? WHERE id = ?`);
  }

  /** Joins what is to be joined behind a commit. */
  join(stream: StreamRow, input: number): void {
    // Arrays, which the types do not know.
    const sizes = this.#sizes.all(input, MOST_LOOKED_AT) as unknown as [number, number][];
    const count = joinable(sizes.map(([lines, bytes]) => sizeOf(lines, bytes)));
    if (count === 0) return;
    const found = this.#find.all(input, count) as unknown as JoinedSegment[];
    this.#joinAll(stream, found.reverse());
  }

  #joinAll(stream: StreamRow, segments: readonly JoinedSegment[]): void {
    const { journal, rollups, keep } = this.#parts;
    const { id: joined } = segments[0]!;
    // Where events are not kept, none can wait: not even one that a reject becomes later.
    const isPending =
      keep === 'events' && segments.every((one) => one.is_pending === 1 || one.counted === 0);
    if (!isPending) rollups.addPending(stream.id, true);
    const list = new EventList(stream.fields);
    const numbers = new Map<number, number>();
    let lines = 0;
    for (const { id, names, ...segment } of segments) {
      const own = idsOf(names).map(numberIn(numbers));
      if (keep === 'events') {
        journal.addTo(list, id, own, lines);
        journal.forget(id);
      }
      if (id !== joined) {
        for (const move of this.#move) move.run(joined, lines, id);
        this.#remove.run(id);
      }
      lines += segment.lines;
    }
    if (keep === 'events') journal.add(joined, list);
    const { to_byte, digest } = segments.at(-1)!;
    const { counted, duplicate, conflict, rejected } = booksOf(segments.map(booksIn));
    this.#update.run(
      ...[to_byte, digest, lines, sumOf(segments, 'blank'), counted, duplicate, conflict],
      JSON.stringify(rejected),
      ...timesOf(segments),
      packIds(Uint32Array.from(numbers.keys())),
      ...[sumOf(segments, 'forgotten'), Number(isPending), joined],
    );
  }
}

function booksIn({ rejected, ...books }: JoinedSegment): FoundRecords {
  return { ...books, rejected: JSON.parse(rejected) };
}

function sumOf(segments: readonly JoinedSegment[], column: 'blank' | 'forgotten'): number {
  return segments.reduce((sum, segment) => sum + segment[column], 0);
}

/** Their first and last time; null where no segment has any. */
function timesOf(segments: readonly JoinedSegment[]): readonly (number | null)[] {
  const timed = segments.filter(({ first_time }) => first_time !== null);
  if (timed.length === 0) return [null, null];
  const first = Math.min(...timed.map(({ first_time }) => first_time!));
  return [first, Math.max(...timed.map(({ last_time }) => last_time!))];
}

/** What number a name has among those that were met, by its id in the store. */
function numberIn(numbers: Map<number, number>): (id: number) => number {
  return (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  };
}
