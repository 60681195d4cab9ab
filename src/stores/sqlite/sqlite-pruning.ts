import type { DatabaseSync } from 'node:sqlite';
import type { EventList } from '../../core/event-list.ts';
import { countDaysAgain } from './sqlite-withdrawal.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/** A segment with events that are to be forgotten. */
interface AffectedSegment {
  readonly id: number;
  readonly names: Uint8Array;
  readonly events: number;
  /** Whether it has others, too. */
  readonly isPartly: number;
}

/** How many events of a stream would be forgotten. */
export function forgettable(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  before: number,
): number {
  const affected = affectedSegments(db, stream, before);
  return affected.reduce((sum, segment) => sum + splitAt(parts, stream, segment, before).gone, 0);
}

/**
 * Forgets the events of a stream before a whole minute. What stays of a segment is packed anew; counts by minute, ids
 * and books are left alone, as is a last record without its end: it may still become another one.
 *
 * @returns How many.
 */
export function prune(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  before: number,
): number {
  parts.rollups.addPending(stream.id, true);
  takeRestsOut(db, parts, stream, before);
  const update = db.prepare('UPDATE segments SET forgotten = forgotten + ? WHERE id = ?');
  let count = 0;
  for (const segment of affectedSegments(db, stream, before)) {
    const { gone, kept } = splitAt(parts, stream, segment, before);
    parts.journal.forget(segment.id);
    if (kept) parts.journal.add(segment.id, kept);
    update.run(gone, segment.id);
    count += gone;
  }
  // An event that could take the place of one that is withdrawn counts as much as that.
  if (parts.uncounted.forgetBefore(stream.id, before) || count > 0)
    db.prepare(
      'UPDATE streams SET gone_before = max(coalesce(gone_before, ?1), ?1) WHERE id = ?2',
    ).run(before, stream.id);
  return count;
}

/**
 * Gives the space of what was forgotten back to the disk, in steps, between which others can write. A store that was
 * made without the marks that this takes is rewritten once, and has them from then on.
 */
export function giveSpaceBack(db: DatabaseSync): void {
  const pragma = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()![name]);
  if (pragma('auto_vacuum') !== INCREMENTAL) db.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM');
  for (let left = pragma('freelist_count'), before = Infinity; left > 0 && left < before; ) {
    db.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
    [before, left] = [left, pragma('freelist_count')];
  }
  // The file itself becomes shorter only when nothing is left beside it; a reader may be in the way.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

const INCREMENTAL = 2;
const STEP_PAGES = 4096;

function affectedSegments(
  db: DatabaseSync,
  stream: StreamRow,
  before: number,
): readonly AffectedSegment[] {
  const rows = db.prepare(`
    SELECT segments.id, segments.names, sum(chunks.events) AS events, max(chunks.last_time) >= ?1 AS isPartly
    FROM chunks JOIN segments ON segments.id = chunks.segment JOIN inputs ON inputs.id = segments.input
    WHERE inputs.stream = ?2 AND NOT segments.is_rest GROUP BY segments.id HAVING min(chunks.first_time) < ?1`);
  return rows.all(before, stream.id) as unknown as readonly AffectedSegment[];
}

/**
 * Takes last records without their ends out of the rollups, where an older Daybook has put them: from the events that are to
 * be forgotten it could not be done.
 */
function takeRestsOut(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  before: number,
): void {
  if (!stream.hasMinutes) return;
  const rests = db
    .prepare(`
      UPDATE segments SET is_pending = 1 WHERE is_rest = 1 AND is_pending = 0 AND first_time < ?
      AND input IN (SELECT id FROM inputs WHERE stream = ?) RETURNING first_time, last_time`)
    .all(before, stream.id) as unknown as Parameters<typeof countDaysAgain>[3];
  countDaysAgain(db, parts, stream, rests);
}

/** How many events of a segment are before an instant, and the others, if there are some. */
function splitAt(
  { journal }: StoreParts,
  { fields }: StreamRow,
  { id, names, events, isPartly }: AffectedSegment,
  before: number,
): { gone: number; kept: EventList | undefined } {
  if (isPartly === 0) return { gone: events, kept: undefined };
  const kept = journal.listOf(id, names, fields);
  const marked = kept.columns.time.subarray(0, kept.length).map((time) => Number(time < before));
  kept.drop(Uint8Array.from(marked));
  return { gone: events - kept.length, kept };
}
