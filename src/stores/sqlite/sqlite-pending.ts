import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventField } from '../../core/event-list.ts';
import { HOUR } from '../../core/time.ts';
import type { TimeRange } from '../../core/time-range.ts';
import { type MinuteGroup, storedGroups } from '../minute-groups.ts';
import { idsOf, type SqliteJournal } from './sqlite-journal.ts';
import type { SqliteVersion } from './sqlite-version.ts';

/** So many events of a stream wait at most; then their minutes are added to those of their days, all at once. */
export const MOST_WAITING = 16_384;

/** What is found of a segment that waits. */
type PendingRow = readonly [
  id: number,
  to: number,
  counted: number,
  forgotten: number,
  isRest: number,
  firstTime: number,
  lastTime: number,
];

/** The minutes of a segment's events by the ids of their subjects. */
type Waiting = ReadonlyMap<number, readonly MinuteGroup[]>;

/** A segment that waits, and what is in it, once that was read. */
interface PendingSegment {
  readonly row: PendingRow;
  waiting: Waiting | undefined;
}

/**
 * Segments whose events are not in the rollups yet, so that a small commit does not turn to the days of all its subjects.
 * Readers add them. A last record without its end waits as long as it has none: so it can be taken back at any time.
 */
export class SqlitePending {
  readonly #journal: SqliteJournal;
  readonly #list: StatementSync;
  readonly #names: StatementSync;
  readonly #settle: StatementSync;
  readonly #version: SqliteVersion;
  /** What was found last of each stream, and in which version of the store. */
  readonly #found = new Map<number, { version: number; segments: Map<string, PendingSegment> }>();

  constructor(db: DatabaseSync, journal: SqliteJournal, version: SqliteVersion) {
    this.#journal = journal;
    this.#list = db.prepare(`
      SELECT segments.id, to_byte, counted, forgotten, is_rest, first_time, last_time
      FROM segments INDEXED BY pending_segments CROSS JOIN inputs ON inputs.id = segments.input
      WHERE is_pending = 1 AND inputs.stream = ?`);
    this.#list.setReturnArrays(true);
    this.#names = db.prepare(`
      SELECT segments.names, streams.fields FROM segments JOIN inputs ON inputs.id = segments.input
      JOIN streams ON streams.id = inputs.stream WHERE segments.id = ?`);
    this.#settle = db.prepare('UPDATE segments SET is_pending = 0 WHERE id = ?');
    this.#version = version;
  }

  /** What waits in a stream, segment by segment; those without an event in the hours of a range are left out. */
  of(stream: number, { from, to }: TimeRange): Waiting[] {
    const found: Waiting[] = [];
    for (const segment of this.#segments(stream)) {
      const [id, , , , , firstTime, lastTime] = segment.row;
      if (lastTime < from || Math.floor(firstTime / HOUR) * HOUR >= to) continue;
      segment.waiting ??= this.#read(id);
      found.push(segment.waiting);
    }
    return found;
  }

  #segments(stream: number): Iterable<PendingSegment> {
    const version = this.#version.settle();
    const known = this.#found.get(stream);
    if (known?.version === version) return known.segments.values();
    const segments = new Map<string, PendingSegment>();
    for (const row of this.#rows(stream)) {
      const key = row.join(); // Whatever changes a segment's events changes a number, too.
      segments.set(key, known?.segments.get(key) ?? { row, waiting: undefined });
    }
    this.#found.set(stream, { version, segments });
    return segments.values();
  }

  /**
   * Takes out what waits in a stream where it is much, but for last records without their ends; what it returns is to be
   * put into the rollups.
   *
   * @param always - Also where it is little.
   */
  take(stream: number, always = false): MinuteGroup[] {
    const settled = this.#rows(stream).filter(([, , , , isRest]) => isRest === 0);
    const waiting = settled.reduce((sum, [, , counted]) => sum + counted, 0);
    if (waiting < MOST_WAITING && !always) return [];
    for (const [id] of settled) this.#settle.run(id);
    return settled.flatMap(([id]) => [...this.#read(id).values()].flat());
  }

  #rows(stream: number): readonly PendingRow[] {
    // Arrays, which the types do not know.
    return this.#list.all(stream) as unknown as readonly PendingRow[];
  }

  #read(segment: number): Waiting {
    const found = this.#names.get(segment)!;
    const names = found['names'] as Uint8Array;
    const fields = JSON.parse(String(found['fields'])) as EventField[];
    const groups = storedGroups(this.#journal.listOf(segment, names, fields), idsOf(names));
    return Map.groupBy(groups, ({ subject }) => subject);
  }
}
