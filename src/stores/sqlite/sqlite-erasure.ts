import type { DatabaseSync } from 'node:sqlite';
import type { EventField, EventList } from '../../core/event-list.ts';
import { keyOf } from '../event-ids.ts';
import { naming } from '../naming.ts';
import { idsOf, packIds } from './sqlite-journal.ts';
import type { StoreParts } from './sqlite-writer.ts';

/** A segment whose names are looked through. */
interface NamedSegment {
  readonly id: number;
  readonly stream: number;
  /** As JSON. */
  readonly fields: string;
  readonly names: Uint8Array;
}

/**
 * Forgets a subject: its events, their ids, its counts, and the texts of rejects that name it. Segments remember how many
 * events are gone.
 *
 * @returns How many events.
 */
export function erase(db: DatabaseSync, parts: StoreParts, subject: string): number {
  eraseTexts(db, naming(subject));
  const name = parts.names.find(Buffer.from(subject));
  if (name === undefined) return 0;
  const segments = db.prepare(`
    SELECT segments.id, inputs.stream, streams.fields, segments.names FROM segments
    JOIN inputs ON inputs.id = segments.input JOIN streams ON streams.id = inputs.stream`);
  // All are found before the first one is changed.
  const named = (segments.all() as unknown as NamedSegment[]).filter(({ names }) =>
    idsOf(names).includes(name),
  );
  let count = 0;
  for (const segment of named) count += eraseIn(db, parts, segment, name);
  parts.rollups.erase(name);
  parts.uncounted.forgetSubject(name);
  return count;
}

/** Forgets a subject's events in a segment. Returns how many. */
function eraseIn(db: DatabaseSync, parts: StoreParts, segment: NamedSegment, name: number): number {
  const { id, stream, names } = segment;
  const fields = JSON.parse(segment.fields) as EventField[];
  const list = parts.journal.listOf(id, names, fields);
  const ids = idsOf(names);
  const { subject } = list.columns;
  const own = subject.subarray(0, list.length).map((number) => Number(ids[number] === name));
  const count = own.reduce((sum, each) => sum + each, 0);
  if (fields.includes('id')) eraseIds(db, parts, stream, list, own);
  list.drop(Uint8Array.from(own));
  const left = forgetName(list, ids, name);
  parts.journal.forget(id);
  parts.journal.add(id, list);
  const update = `UPDATE segments SET forgotten = forgotten + ?, names = ? WHERE id = ?`;
  db.prepare(update).run(count, packIds(left), id);
  return count;
}

/**
 * Takes a name out of those of a list, where no event has it: the numbers of others move up. What was amended may have
 * several numbers of one name.
 *
 * @param ids - What the list's numbers of names are in the store; returns what they are then.
 */
function forgetName(
  { columns, fields, length }: EventList,
  ids: Uint32Array<ArrayBuffer>,
  name: number,
): Uint32Array<ArrayBuffer> {
  const named = (['subject', 'object', 'type'] as const).filter(
    (column) => column === 'subject' || fields.includes(column),
  );
  const used = named.map((column) => columns[column].subarray(0, length));
  if (used.some((column) => column.some((number) => ids[number] === name))) return ids;
  let left = 0;
  const numbers = ids.map((id) => (id === name ? 0 : left++));
  for (const column of used) for (let i = 0; i < length; i++) column[i] = numbers[column[i]!]!;
  return ids.filter((id) => id !== name);
}

function eraseIds(
  db: DatabaseSync,
  { uncounted }: StoreParts,
  stream: number,
  { ids }: EventList,
  own: Uint32Array,
): void {
  const forget = db.prepare('DELETE FROM ids WHERE stream = ? AND id = ?');
  const conceal = db.prepare(`
    UPDATE rejects SET text = '' WHERE reason = 'conflict' AND text = ?2 AND segment IN
      (SELECT segments.id FROM segments JOIN inputs ON inputs.id = segments.input WHERE inputs.stream = ?1)`);
  const conflicts = new Set(
    db
      .prepare("SELECT DISTINCT text FROM rejects WHERE reason = 'conflict'")
      .all()
      .map(({ text }) => String(text)),
  );
  for (const [i, isOwn] of own.entries()) {
    if (isOwn === 0) continue;
    const id = ids.bytesOf(i);
    forget.run(stream, keyOf(id));
    // Who has it, too, does not count in its place.
    uncounted.forgetId(stream, id);
    const text = Buffer.from(id).toString();
    if (conflicts.has(text)) conceal.run(stream, text);
  }
}

function eraseTexts(db: DatabaseSync, isNamed: (text: string) => boolean): void {
  const conceal = db.prepare("UPDATE rejects SET text = '' WHERE segment = ? AND offset = ?");
  const rejects = db.prepare("SELECT segment, offset, text FROM rejects WHERE text <> ''");
  const named = rejects.all().filter(({ text }) => isNamed(String(text)));
  for (const { segment, offset } of named) conceal.run(segment!, offset!);
}
