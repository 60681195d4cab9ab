import type { DatabaseSync } from 'node:sqlite';
import type { EventList } from '../core/event-list.ts';
import type { Amendment, Committed, Stream } from '../core/store.ts';
import { EventIds, siftIds } from './event-ids.ts';
import { extentOf, idsOf, packIds } from './sqlite-journal.ts';
import type { StoreParts } from './sqlite-writer.ts';

/** Turns rejects of a segment into events, and keeps what its stream is read with from now on. */
export function amend(
  db: DatabaseSync,
  parts: StoreParts,
  { name, options, fields }: Stream,
  amendment: Amendment | undefined,
): Omit<Committed, 'input' | 'fates'> {
  db.prepare('UPDATE streams SET options = ?, fields = ? WHERE name = ?').run(
    JSON.stringify(options),
    JSON.stringify(fields),
    name,
  );
  if (amendment === undefined) return NOTHING;
  const { segment, events } = amendment;
  const stream = Number(db.prepare('SELECT id FROM streams WHERE name = ?').get(name)!['id']);
  const reasons = takeRejects(db, segment, events);
  if (reasons.length === 0) return NOTHING;
  const nameIds = parts.names.addAll(events.names);
  const { duplicate, conflict } = takeIds(db, { stream, segment }, events, nameIds);
  parts.rollups.add(stream, events, nameIds);
  const found = { counted: events.length, duplicate, conflict };
  correctBooks(db, segment, reasons, found, events);
  if (parts.keep === 'events' && events.length > 0)
    addToJournal(db, parts, segment, events, nameIds);
  return found;
}

const NOTHING = { counted: 0, duplicate: 0, conflict: 0 };

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

/** Takes note of ids, and drops events whose ids were counted before. */
function takeIds(
  db: DatabaseSync,
  { stream, segment }: { stream: number; segment: number },
  events: EventList,
  nameIds: Uint32Array,
): { duplicate: number; conflict: number } {
  const { duplicate, conflict, conflicts } = siftIds(new EventIds(db), stream, events, nameIds);
  const refuse = db.prepare(
    'INSERT INTO rejects (segment, line, offset, reason, text) VALUES (?, ?, ?, ?, ?)',
  );
  for (const { line, offset, reason, text } of conflicts)
    refuse.run(segment, line, offset, reason, text);
  return { duplicate, conflict };
}

function correctBooks(
  db: DatabaseSync,
  segment: number,
  reasons: readonly string[],
  { counted, duplicate, conflict }: Omit<Committed, 'input'>,
  events: EventList,
): void {
  const row = db.prepare('SELECT rejected FROM segments WHERE id = ?').get(segment)!;
  const rejected = new Map<string, number>(
    Object.entries(JSON.parse(String(row['rejected'])) as Record<string, number>),
  );
  for (const reason of reasons) rejected.set(reason, rejected.get(reason)! - 1);
  const left = Object.fromEntries([...rejected].filter(([, count]) => count > 0));
  db.prepare(`
    UPDATE segments SET rejected = ?, counted = counted + ?, duplicate = duplicate + ?, conflict = conflict + ?
    WHERE id = ?`).run(JSON.stringify(left), counted, duplicate, conflict, segment);
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
