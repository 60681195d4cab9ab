import type { DatabaseSync } from 'node:sqlite';
import { EventBatch } from '../../core/event-batch.ts';
import { EventList } from '../../core/event-list.ts';
import { DAY } from '../../core/time.ts';
import type { TimeRange } from '../../core/time-range.ts';
import { keyOf } from '../event-ids.ts';
import { notWithdrawn, notWithdrawnBefore, notWithdrawnErased } from '../refusals.ts';
import { dayOf } from './sqlite-rollups.ts';
import { lastOf } from './sqlite-rows.ts';
import { NOBODY } from './sqlite-uncounted.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/**
 * Takes back all that was counted of an input, and forgets it.
 *
 * @param keeper - The input for which ids that others have, too, are kept until it is finished, or `NOBODY`.
 * @returns Whether such ids are free now: unless they are kept, `countFreed` is to follow.
 */
export function withdrawInput(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  input: number,
  keeper: number = NOBODY,
): boolean {
  const segments = segmentsIn(db, 'input = ?', input);
  const { goneBefore } = stream;
  if (segments.length > 0 && parts.keep === 'rollups') throw notWithdrawn();
  if (segments.some((one) => (one.first_time ?? Infinity) < goneBefore))
    throw notWithdrawnBefore(goneBefore);
  if (segments.some((one) => one.forgotten > 0)) throw notWithdrawnErased();
  const isFreed = withdraw(db, parts, stream, segments, keeper);
  db.prepare('DELETE FROM inputs WHERE id = ?').run(input);
  return parts.uncounted.hand(input, keeper) || isFreed;
}

/**
 * Takes back what was counted of an input's last record, if that had no end: whatever is forgotten, since it is never put
 * among what has been added up. Returns what `withdrawInput` does.
 */
export function withdrawRest(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  input: number,
): boolean {
  const last = `id = (SELECT id FROM segments ${lastOf('?')}) AND is_rest = 1`;
  const segments = segmentsIn(db, last, input);
  if (segments.length > 0 && parts.keep === 'rollups') throw notWithdrawn();
  return withdraw(db, parts, stream, segments, NOBODY);
}

/** A segment that is withdrawn. */
interface Withdrawn {
  readonly id: number;
  readonly first_time: number | null;
  readonly last_time: number | null;
  readonly forgotten: number;
  /** How many events have ids of others. */
  readonly uncounted_count: number;
  readonly is_pending: number;
}

function segmentsIn(db: DatabaseSync, where: string, input: number): readonly Withdrawn[] {
  const find = db.prepare(`
    SELECT id, first_time, last_time, forgotten, duplicate + conflict AS uncounted_count, is_pending
    FROM segments WHERE ${where}`);
  return find.all(input) as unknown as readonly Withdrawn[];
}

/**
 * Takes back segments.
 *
 * Counts could be subtracted, but a least and a greatest value cannot: so the days on which there were events are
 * counted anew, from those of all others.
 */
function withdraw(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  segments: readonly Withdrawn[],
  keeper: number,
): boolean {
  const { journal, uncounted } = parts;
  for (const segment of segments) if (segment.uncounted_count > 0) uncounted.forget(segment.id);
  let isFreed = false;
  for (const { id } of segments) {
    isFreed = forgetIds(db, parts, stream, id, keeper) || isFreed;
    journal.forget(id);
    db.prepare('DELETE FROM rejects WHERE segment = ?').run(id);
    db.prepare('DELETE FROM segments WHERE id = ?').run(id);
  }
  const added = segments.filter(({ is_pending }) => is_pending === 0);
  if (stream.hasMinutes) countDaysAgain(db, parts, stream, added);
  return isFreed;
}

/** Forgets the ids of a segment. Returns whether there are others with one of them. */
function forgetIds(
  db: DatabaseSync,
  { journal, uncounted }: StoreParts,
  stream: StreamRow,
  segment: number,
  keeper: number,
): boolean {
  if (!stream.fields.includes('id')) return false;
  const forget = db.prepare('DELETE FROM ids WHERE stream = ? AND id = ?');
  const freed = uncounted.hasAny(stream.id) ? uncounted.freeing(stream.id, keeper) : undefined;
  let isFreed = false;
  for (const { id } of journal.events(
    segment,
    namesOf(db, segment),
    stream.fields,
    new EventBatch(),
  ))
    for (let i = 0; i < id.length; i++) {
      const key = keyOf(id.bytesOf(i));
      forget.run(stream.id, key);
      isFreed = freed?.(key) || isFreed;
    }
  return isFreed;
}

/** Counts the days of segments that are withdrawn by minute anew, without what waits to be added to them. */
export function countDaysAgain(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  segments: readonly Pick<Withdrawn, 'first_time' | 'last_time'>[],
): void {
  const timed = segments.filter(({ first_time }) => first_time !== null);
  if (timed.length === 0) return;
  const first = timed.reduce((least, { first_time }) => Math.min(least, first_time!), Infinity);
  const last = timed.reduce((most, { last_time }) => Math.max(most, last_time!), -Infinity);
  const days = [dayOf(first), dayOf(last)] as const;
  const range = { from: Math.max(days[0] * DAY, stream.goneBefore), to: (days[1] + 1) * DAY };
  // All of it is forgotten: nothing is left to count it of, and what is behind it stays.
  if (range.from >= range.to) return;
  parts.rollups.forget(stream.id, range.from, days[1]);
  const others = db
    .prepare(
      `SELECT id FROM segments WHERE input IN (SELECT id FROM inputs WHERE stream = ?) AND first_time < ? AND last_time >= ?
       AND is_pending = 0`,
    )
    .all(stream.id, range.to, range.from);
  for (const { id } of others) countAgain(db, parts, stream, Number(id), range);
}

function countAgain(
  db: DatabaseSync,
  { journal, rollups, names }: StoreParts,
  stream: StreamRow,
  segment: number,
  range: TimeRange,
): void {
  const list = new EventList(stream.fields);
  const batch = new EventBatch();
  const { from, to } = range;
  for (const events of journal.events(segment, namesOf(db, segment), stream.fields, batch, range))
    list.append(events);
  list.drop(
    Uint8Array.from({ length: list.length }, (_, i) =>
      Number(!isWithin(list.columns.time[i]!, from, to)),
    ),
  );
  rollups.add(stream.id, list, names.addAll(list.names));
}

function namesOf(db: DatabaseSync, segment: number): Uint8Array {
  return db.prepare('SELECT names FROM segments WHERE id = ?').get(segment)!['names'] as Uint8Array;
}

function isWithin(time: number, from: number, to: number): boolean {
  return time >= from && time < to;
}
