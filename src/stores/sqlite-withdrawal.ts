import type { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import { EventList } from '../core/event-list.ts';
import { DAY, formatInstant } from '../core/time.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { keyOf } from './event-ids.ts';
import { notWithdrawn } from './refusals.ts';
import { dayOf } from './sqlite-rollups.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/** A segment as far as its events are to be read. */
interface SegmentRow {
  readonly id: number;
  readonly names: Uint8Array;
  readonly first_time: number | null;
  readonly last_time: number | null;
  readonly forgotten: number;
}

/** Takes back all that was counted of an input, and forgets it. Returns whether there was such an input. */
export function withdrawInput(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  input: number,
): boolean {
  withdraw(db, parts, stream, db.prepare(`${SEGMENTS} WHERE input = ?`).all(input));
  return db.prepare('DELETE FROM inputs WHERE id = ?').run(input).changes === 1;
}

/** Takes back what was counted of an input's last record, if that had no end. */
export function withdrawRest(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  input: number,
): void {
  withdraw(db, parts, stream, db.prepare(`${SEGMENTS} WHERE input = ? AND is_rest = 1`).all(input));
}

const SEGMENTS = 'SELECT id, names, first_time, last_time, forgotten FROM segments';

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
  rows: readonly unknown[],
): void {
  const { keep, journal, rollups } = parts;
  const segments = rows as readonly SegmentRow[];
  if (segments.length === 0) return;
  if (keep === 'rollups') throw notWithdrawn();
  const { goneBefore } = stream;
  if (segments.some((one) => one.forgotten > 0 || (one.first_time ?? Infinity) < goneBefore)) {
    throw new DaybookError(
      'USAGE',
      `what was counted cannot be withdrawn: events before ${formatInstant(goneBefore, 'UTC')} are forgotten`,
    );
  }
  for (const segment of segments) {
    forgetIds(db, parts, stream, segment);
    journal.forget(segment.id);
    db.prepare('DELETE FROM rejects WHERE segment = ?').run(segment.id);
    db.prepare('DELETE FROM segments WHERE id = ?').run(segment.id);
  }
  if (!stream.hasMinutes) return;
  const timed = segments.filter(({ first_time }) => first_time !== null);
  if (timed.length === 0) return;
  const first = Math.min(...timed.map(({ first_time }) => first_time!));
  const last = Math.max(...timed.map(({ last_time }) => last_time!));
  const days = [dayOf(first), dayOf(last)] as const;
  const range = { from: Math.max(days[0] * DAY, goneBefore), to: (days[1] + 1) * DAY };
  rollups.forget(stream.id, range.from, days[1]);
  const others = db
    .prepare(
      `${SEGMENTS} WHERE input IN (SELECT id FROM inputs WHERE stream = ?) AND first_time < ? AND last_time >= ?`,
    )
    .all(stream.id, range.to, range.from) as unknown as SegmentRow[];
  for (const segment of others) countAgain(parts, stream, segment, range);
}

function forgetIds(
  db: DatabaseSync,
  { journal }: StoreParts,
  stream: StreamRow,
  segment: SegmentRow,
): void {
  if (!stream.fields.includes('id')) return;
  const forget = db.prepare('DELETE FROM ids WHERE stream = ? AND id = ?');
  const batch = new EventBatch();
  for (const { id } of journal.events(segment.id, segment.names, stream.fields, batch, EVERYTHING))
    for (let i = 0; i < id.length; i++) forget.run(stream.id, keyOf(id.bytesOf(i)));
}

function countAgain(
  { journal, rollups, names }: StoreParts,
  stream: StreamRow,
  segment: SegmentRow,
  { from, to }: TimeRange,
): void {
  const list = new EventList(stream.fields);
  const batch = new EventBatch();
  for (const events of journal.events(segment.id, segment.names, stream.fields, batch, {
    from,
    to,
  }))
    list.append(events);
  list.drop(
    Uint8Array.from({ length: list.length }, (_, i) =>
      Number(!isWithin(list.columns.time[i]!, from, to)),
    ),
  );
  rollups.add(stream.id, list, names.addAll(list.names));
}

function isWithin(time: number, from: number, to: number): boolean {
  return time >= from && time < to;
}
