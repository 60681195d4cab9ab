import type { DatabaseSync } from 'node:sqlite';
import type { EventList } from '../../core/event-list.ts';
import type { Amendment, Committed, Stream } from '../../core/store.ts';
import { EventIds, siftIds } from '../event-ids.ts';
import { extentOf, idsOf, packIds } from './sqlite-journal.ts';
import { NOBODY } from './sqlite-uncounted.ts';
import type { StoreParts, StreamRow } from './sqlite-writer.ts';

/** Keeps what a stream is read with from now on. */
export function keepReading(db: DatabaseSync, { name, options, fields }: Stream): void {
  db.prepare('UPDATE streams SET options = ?, fields = ? WHERE name = ?').run(
    JSON.stringify(options),
    JSON.stringify(fields),
    name,
  );
}

/** Turns rejects of a segment into events. */
export function amend(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  { segment, events }: Amendment,
): Omit<Committed, 'input' | 'fates'> {
  const reasons = takeRejects(db, segment, events);
  if (reasons.length === 0) return NOTHING;
  const row = db.prepare('SELECT rejected FROM segments WHERE id = ?').get(segment)!;
  const rejected = new Map<string, number>(
    Object.entries(JSON.parse(String(row['rejected'])) as Record<string, number>),
  );
  for (const reason of reasons) rejected.set(reason, rejected.get(reason)! - 1);
  const left = Object.fromEntries([...rejected].filter(([, count]) => count > 0));
  db.prepare('UPDATE segments SET rejected = ? WHERE id = ?').run(JSON.stringify(left), segment);
  return takeIn(db, parts, stream, { segment, events });
}

/**
 * Counts events whose ids were set free by a withdrawal, each once, unless what took its place has the id.
 *
 * @param keeper - The input for which these ids were kept, if any.
 */
export function countFreed(
  db: DatabaseSync,
  parts: StoreParts,
  stream: StreamRow,
  keeper: number = NOBODY,
): void {
  const conflict = db.prepare(
    "DELETE FROM rejects WHERE segment = ? AND offset = ? AND reason = 'conflict'",
  );
  const update = db.prepare(
    'UPDATE segments SET duplicate = duplicate - ?, conflict = conflict - ? WHERE id = ?',
  );
  const freed = parts.uncounted.takeFreed(stream.id, stream.fields, keeper);
  for (const { segment, came, events } of freed) {
    let conflicts = 0;
    for (let i = 0; i < events.length; i++)
      conflicts += Number(conflict.run(segment, events.columns.position[i]!).changes);
    update.run(events.length - conflicts, conflicts, segment);
    takeIn(db, parts, stream, { segment, events }, came);
  }
}

/**
 * Counts events of a segment that were not counted before, where they stand in it.
 *
 * @param came - The segment with which they came, which may be one with that in front by now.
 */
function takeIn(
  db: DatabaseSync,
  parts: StoreParts,
  { id: stream, hasMinutes }: StreamRow,
  { segment, events }: Amendment,
  came: number = segment,
): Omit<Committed, 'input' | 'fates'> {
  const { names, rollups, uncounted, keep } = parts;
  const nameIds = names.addAll(events.names);
  const sifted = siftIds(new EventIds(db), stream, events, nameIds);
  const refuse = db.prepare(
    'INSERT INTO rejects (segment, line, offset, reason, text) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { line, offset, reason, text } of sifted.conflicts)
    refuse.run(segment, line, offset, reason, text);
  if (hasMinutes && !isPending(db, segment)) rollups.add(stream, events, nameIds);
  if (keep === 'events') {
    if (sifted.uncounted) uncounted.add(stream, segment, sifted.uncounted, nameIds, came);
    if (events.length > 0) addToJournal(db, parts, segment, events, nameIds);
  }
  const { duplicate, conflict } = sifted;
  const found = { counted: events.length, duplicate, conflict };
  addToBooks(db, segment, found, events);
  return found;
}

/** Whether the events of a segment wait to be added to the rollups. */
function isPending(db: DatabaseSync, segment: number): boolean {
  const find = db.prepare('SELECT is_pending FROM segments WHERE id = ?');
  return find.get(segment)!['is_pending'] === 1;
}

/** What becomes of no events. */
export const NOTHING: Omit<Committed, 'input' | 'fates'> = {
  counted: 0,
  duplicate: 0,
  conflict: 0,
};

/** Takes away the rejects that are events now, whose reasons it returns; drops events of which there is no reject any more. */
function takeRejects(db: DatabaseSync, segment: number, events: EventList): string[] {
  const remove = db.prepare(
    "DELETE FROM rejects WHERE segment = ? AND offset = ? AND reason <> 'conflict' RETURNING reason",
  );
  const gone = new Uint8Array(events.length);
  const reasons: string[] = [];
  for (let i = 0; i < events.length; i++) {
    const row = remove.get(segment, events.columns.position[i]!);
    if (row) reasons.push(String(row['reason']));
    else gone[i] = 1; // Somebody else was faster.
  }
  if (gone.includes(1)) events.drop(gone);
  return reasons;
}

function addToBooks(
  db: DatabaseSync,
  segment: number,
  { counted, duplicate, conflict }: Omit<Committed, 'input' | 'fates'>,
  events: EventList,
): void {
  db.prepare(`
    UPDATE segments SET counted = counted + ?, duplicate = duplicate + ?, conflict = conflict + ?
    WHERE id = ?`).run(counted, duplicate, conflict, segment);
  if (counted === 0) return;
  const { first, last } = extentOf(events.columns.time, 0, counted);
  db.prepare(`
    UPDATE segments SET first_time = min(coalesce(first_time, ?1), ?1), last_time = max(coalesce(last_time, ?2), ?2)
    WHERE id = ?3`).run(first, last, segment);
}

/** Puts events among those of a segment, where they stood. */
function addToJournal(
  db: DatabaseSync,
  { journal }: StoreParts,
  segment: number,
  events: EventList,
  nameIds: Uint32Array,
): void {
  const row = db.prepare('SELECT names FROM segments WHERE id = ?').get(segment)!;
  const names = row['names'] as Uint8Array;
  const known = idsOf(names);
  const all = journal.listOf(segment, names, events.fields);
  all.insert(events, known.length);
  journal.forget(segment);
  journal.add(segment, all);
  const together = new Uint32Array(known.length + nameIds.length);
  together.set(known);
  together.set(nameIds, known.length);
  db.prepare('UPDATE segments SET names = ? WHERE id = ?').run(packIds(together), segment);
}
