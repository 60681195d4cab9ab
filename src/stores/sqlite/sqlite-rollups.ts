import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventList } from '../../core/event-list.ts';
import type { HoursQuery, MinuteCount, StoreQuery } from '../../core/store.ts';
import { DAY, HOUR, MINUTE } from '../../core/time.ts';
import type { TimeRange } from '../../core/time-range.ts';
import { addMinutes, noTotals } from '../hour-totals.ts';
import { type MinuteGroup, storedGroups } from '../minute-groups.ts';
import {
  addPackedHours,
  type Day,
  dayUntil,
  hoursOf,
  mergeDays,
  packDay,
  unpackDay,
} from '../rollup-day.ts';
import { stretches } from '../stretches.ts';
import type { SqliteNames } from './sqlite-names.ts';
import type { SqlitePending } from './sqlite-pending.ts';
import { SqliteTotals } from './sqlite-totals.ts';

/**
 * How many events of each subject and type there are in each minute: a row for each UTC day, and besides what waits to be put
 * there. And how many of each subject there are in each hour.
 */
export class SqliteRollups {
  readonly #db: DatabaseSync;
  readonly #names: SqliteNames;
  readonly #pending: SqlitePending;
  readonly #totals: SqliteTotals;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  readonly #cut: StatementSync;
  readonly #ofSubject: Readonly<Record<Unit, StatementSync>>;
  readonly #hoursOfType: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames, pending: SqlitePending) {
    this.#db = db;
    this.#names = names;
    this.#pending = pending;
    this.#totals = new SqliteTotals(db);
    db.function('hours_of', { deterministic: true }, (day) =>
      packedHours(unpackDay(day as Uint8Array)),
    );
    this.#find = db.prepare(
      'SELECT minutes FROM rollups WHERE stream = ? AND subject = ? AND day = ? AND type = ?',
    );
    this.#put = db.prepare(`
      INSERT INTO rollups (stream, subject, day, type, hours, minutes) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET hours = excluded.hours, minutes = excluded.minutes`);
    this.#forget = db.prepare('DELETE FROM rollups WHERE stream = ? AND day BETWEEN ? AND ?');
    db.function('day_until', { deterministic: true }, (day, minute) =>
      packDay(dayUntil(unpackDay(day as Uint8Array), Number(minute))),
    );
    this.#cut = db.prepare(`
      UPDATE rollups SET minutes = day_until(minutes, ?1), hours = hours_of(day_until(minutes, ?1))
      WHERE stream = ?2 AND day = ?3`);
    const find = (unit: Unit) =>
      db.prepare(`${FIND[unit]} AND subject = ? AND day BETWEEN ? AND ?`);
    this.#ofSubject = { minute: find('minute'), hour: find('hour') };
    this.#hoursOfType = db.prepare(HOURS_OF_TYPE);
    this.#hoursOfType.setReturnArrays(true);
  }

  /**
   * Adds the events of a list.
   *
   * @param nameIds - What the list's numbers of names are in the store.
   */
  add(stream: number, list: EventList, nameIds: Uint32Array): void {
    this.#addGroups(stream, storedGroups(list, nameIds));
  }

  /** Adds what waits in a stream, where it is much, or always. */
  addPending(stream: number, always = false): void {
    this.#addGroups(stream, this.#pending.take(stream, always));
  }

  #addGroups(stream: number, groups: MinuteGroup[]): void {
    groups.sort((a, b) => a.subject - b.subject || a.day - b.day || a.type - b.type);
    for (const ofDay of stretches(groups, isOfSameDay)) {
      const { subject, day } = ofDay[0];
      const totals = noTotals();
      for (const group of ofDay) addMinutes(totals, group);
      this.#totals.add(stream, subject, day, totals);
      for (const [first, ...others] of stretches(ofDay, isOfSameType)) {
        const key = [stream, subject, day, first.type] as const;
        const known = this.#find.get(...key)?.['minutes'] as Uint8Array | undefined;
        let sum: Day = known === undefined ? first : mergeDays(unpackDay(known), first);
        for (const other of others) sum = mergeDays(sum, other);
        this.#put.run(...key, packedHours(sum), packDay(sum));
      }
    }
  }

  /** Forgets all from a whole minute up to the end of a day since the epoch. */
  forget(stream: number, from: number, lastDay: number): void {
    const day = dayOf(from);
    const minute = (from - day * DAY) / MINUTE;
    const firstDay = minute > 0 ? day + 1 : day;
    this.#forget.run(stream, firstDay, lastDay);
    this.#totals.forget(stream, firstDay, lastDay);
    if (minute === 0) return;
    this.#cut.run(minute, stream, day);
    this.#totals.countAgain(stream, day);
  }

  /** Forgets all of a subject, in every stream. */
  erase(subject: number): void {
    this.#db.prepare('DELETE FROM rollups WHERE subject = ?').run(subject);
    this.#totals.erase(subject);
  }

  /** Minutes, or hours, with events that begin in a range: portions of a subject, type and day. */
  *minutes(stream: number, query: StoreQuery, unit: Unit): Generator<MinuteCount[]> {
    for (const row of this.#rows(stream, query, unit)) {
      const [subject, day, type] = [row['subject'], row['day'], row['type']].map(Number);
      yield this.#portionOf(subject!, type!, day!, dayOfRow(row, unit), query, unit);
    }
    const asked = query.subjects?.map((subject) => this.#names.lookUp(Buffer.from(subject)));
    for (const waiting of this.#pending.of(stream, query))
      for (const subject of asked ? new Set(asked) : waiting.keys())
        for (const { type, day, ...minutes } of waiting.get(subject ?? 0) ?? []) {
          const counts = unit === 'minute' ? minutes : hoursOf(minutes);
          yield this.#portionOf(minutes.subject, type, day, counts, query, unit);
        }
  }

  #portionOf(
    subjectId: number,
    typeId: number,
    day: number,
    { minute, count, values }: Day,
    { from, to }: TimeRange,
    unit: Unit,
  ): MinuteCount[] {
    const subject = this.#names.textOf(subjectId);
    const type = typeId > 0 ? this.#names.textOf(typeId) : '';
    const portion: MinuteCount[] = [];
    for (let i = 0; i < minute.length; i++) {
      const start = day * DAY + minute[i]! * LENGTH_MS[unit];
      if (start < from || start >= to) continue;
      portion.push({ subject, type, start, count: count[i]!, values: values?.[i] });
    }
    return portion;
  }

  /** Adds the events of a subject to numbers by the hour. */
  addHours(stream: number, query: HoursQuery, counts: Float64Array): void {
    const { type, from } = query;
    const days = [dayOf(from), dayOf(from + counts.length * HOUR - 1)] as const;
    if (type === undefined) this.#totals.addHours(stream, query, days, counts);
    else this.#addHoursOfType(stream, { ...query, type }, days, counts);
    this.#addPendingHours(stream, query, counts);
  }

  #addHoursOfType(
    stream: number,
    { subject, type, from }: HoursQuery & { readonly type: string },
    days: readonly [first: number, last: number],
    counts: Float64Array,
  ): void {
    const rows = this.#hoursOfType.all(stream, subject, ...days, type);
    // Arrays, which the types do not know.
    for (const [day, slots, packed] of rows as unknown as [number, number, string | Uint8Array][]) {
      const bytes = typeof packed === 'string' ? Buffer.from(packed, 'hex') : packed;
      addPackedHours(bytes, slots, counts, (day * DAY - from) / HOUR);
    }
  }

  #addPendingHours(
    stream: number,
    { subject, type, from }: Omit<HoursQuery, 'stream'>,
    counts: Float64Array,
  ): void {
    const pending = this.#pending.of(stream, { from, to: from + counts.length * HOUR });
    if (pending.length === 0) return;
    const [subjectId = 0, typeId] = [subject, type].map((name) =>
      name === undefined ? undefined : this.#names.lookUp(Buffer.from(name)),
    );
    for (const waiting of pending)
      for (const group of waiting.get(subjectId) ?? []) {
        if (type !== undefined && group.type !== typeId) continue;
        const first = (group.day * DAY - from) / HOUR;
        for (const [i, minute] of group.minute.entries()) {
          const hour = first + Math.floor(minute / 60);
          if (hour >= 0 && hour < counts.length) counts[hour]! += group.count[i]!;
        }
      }
  }

  *#rows(
    stream: number,
    { from, to, subjects }: StoreQuery,
    unit: Unit,
  ): Generator<Record<string, unknown>> {
    const days = [dayOf(from), dayOf(to - 1)] as const;
    // A statement of its own: others may read at the same time.
    if (subjects === undefined)
      return yield* this.#db
        .prepare(`${FIND[unit]} AND day BETWEEN ? AND ?`)
        .iterate(stream, ...days);
    for (const subject of new Set(subjects)) {
      const id = this.#names.lookUp(Buffer.from(subject));
      if (id !== undefined) yield* this.#ofSubject[unit].all(stream, id, ...days);
    }
  }
}

/**
 * The packed hours or minutes of a subject's days, and how many slots an hour has in them. Short ones, which most are without
 * values, come as text: of that a reader makes bytes in a fifth of the time that a blob takes.
 */
const HOURS_OF_TYPE = `
  SELECT day, iif(hours IS NULL, 60, 1), iif(length(packed) <= 512, hex(packed), packed)
  FROM (SELECT day, hours, coalesce(hours, minutes) AS packed FROM rollups
    WHERE stream = ? AND subject = (SELECT id FROM names WHERE name = CAST(? AS BLOB)) AND day BETWEEN ? AND ?
      AND type = (SELECT id FROM names WHERE name = CAST(? AS BLOB)))`;

type Unit = 'minute' | 'hour';

const LENGTH_MS = { minute: MINUTE, hour: HOUR };
/** Of hours, few minutes say as soon what they are. */
const FIND = {
  minute: 'SELECT subject, day, type, minutes FROM rollups WHERE stream = ?',
  hour: `
    SELECT subject, day, type, hours, iif(hours IS NULL, minutes, NULL) AS minutes
    FROM rollups WHERE stream = ?`,
};

function dayOfRow({ hours, minutes }: Record<string, unknown>, unit: Unit): Day {
  if (unit === 'minute') return unpackDay(minutes as Uint8Array);
  return hours === null
    ? hoursOf(unpackDay(minutes as Uint8Array))
    : unpackDay(hours as Uint8Array);
}

/** Minutes that are as soon added up. */
const FEW_MINUTES = 60;

function packedHours(day: Day): Uint8Array | null {
  return day.minute.length > FEW_MINUTES ? packDay(hoursOf(day)) : null;
}

function isOfSameDay(one: MinuteGroup, other: MinuteGroup): boolean {
  return one.subject === other.subject && one.day === other.day;
}

function isOfSameType(one: MinuteGroup, other: MinuteGroup): boolean {
  return one.type === other.type;
}

/** No record is of a day beyond these: times lie within ±2^53 ms. */
const MOST_DAYS = Math.ceil(2 ** 53 / DAY);

/** The day of an instant, since the epoch. */
export function dayOf(time: number): number {
  return Math.max(-MOST_DAYS, Math.min(Math.floor(time / DAY), MOST_DAYS));
}
