import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventList } from '../core/event-list.ts';
import type { HoursQuery, MinuteCount, StoreQuery } from '../core/store.ts';
import { DAY, HOUR, MINUTE } from '../core/time.ts';
import { minuteGroups } from './minute-groups.ts';
import {
  addPackedHours,
  type Day,
  dayUntil,
  hoursOf,
  mergeDays,
  packDay,
  unpackDay,
} from './rollup-day.ts';
import type { SqliteNames } from './sqlite-names.ts';

/** How many events of each subject and type there are in each minute: a row for each UTC day. */
export class SqliteRollups {
  readonly #db: DatabaseSync;
  readonly #names: SqliteNames;
  readonly #find: StatementSync;
  readonly #put: StatementSync;
  readonly #forget: StatementSync;
  readonly #cut: StatementSync;
  readonly #ofSubject: Readonly<Record<Unit, StatementSync>>;
  readonly #hours: StatementSync;
  readonly #hoursOfType: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#db = db;
    this.#names = names;
    db.function('hours_of', { deterministic: true }, (day) =>
      packedHours(unpackDay(day as Uint8Array)),
    );
    this.#find = db.prepare(
      'SELECT minutes FROM rollups WHERE stream = ? AND subject = ? AND day = ? AND type = ?',
    );
    this.#put = db.prepare(`
      INSERT OR REPLACE INTO rollups (stream, subject, day, type, hours, minutes) VALUES (?, ?, ?, ?, ?, ?)`);
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
    this.#hours = db.prepare(HOURS);
    this.#hoursOfType = db.prepare(`${HOURS} AND type = (SELECT id FROM names WHERE name = ?)`);
    for (const statement of [this.#hours, this.#hoursOfType]) statement.setReturnArrays(true);
  }

  /**
   * Adds the events of a list.
   *
   * @param nameIds - What the list's numbers of names are in the store.
   */
  add(stream: number, list: EventList, nameIds: Uint32Array): void {
    const hasTypes = list.fields.includes('type');
    const rows = minuteGroups(list).map(({ subject, type, ...day }) => ({
      subject: nameIds[subject]!,
      type: hasTypes ? nameIds[type]! : 0,
      ...day,
    }));
    rows.sort((a, b) => a.subject - b.subject || a.day - b.day || a.type - b.type);
    for (const row of rows) {
      const key = [stream, row.subject, row.day, row.type] as const;
      const known = this.#find.get(...key)?.['minutes'];
      const day = known === undefined ? row : mergeDays(unpackDay(known as Uint8Array), row);
      this.#put.run(...key, packedHours(day), packDay(day));
    }
  }

  /** Forgets all from a whole minute up to the end of a day since the epoch. */
  forget(stream: number, from: number, lastDay: number): void {
    const day = dayOf(from);
    const minute = (from - day * DAY) / MINUTE;
    if (minute > 0) this.#cut.run(minute, stream, day);
    this.#forget.run(stream, minute > 0 ? day + 1 : day, lastDay);
  }

  /** Minutes, or hours, with events that begin in a range: portions of a subject, type and day. */
  *minutes(stream: number, query: StoreQuery, unit: Unit): Generator<MinuteCount[]> {
    const { from, to } = query;
    for (const row of this.#rows(stream, query, unit)) {
      const [id, day, typeId] = [Number(row['subject']), Number(row['day']), Number(row['type'])];
      const subject = this.#names.textOf(id);
      const type = typeId > 0 ? this.#names.textOf(typeId) : '';
      const { minute, count, values } = dayOfRow(row, unit);
      const portion: MinuteCount[] = [];
      for (let i = 0; i < minute.length; i++) {
        const start = day * DAY + minute[i]! * LENGTH_MS[unit];
        if (start < from || start >= to) continue;
        portion.push({ subject, type, start, count: count[i]!, values: values?.[i] });
      }
      yield portion;
    }
  }

  /** Adds the events of a subject to numbers by the hour. */
  addHours(stream: number, { subject, type, from }: HoursQuery, counts: Float64Array): void {
    const days = [dayOf(from), dayOf(from + counts.length * HOUR - 1)] as const;
    const asked = [stream, Buffer.from(subject), ...days] as const;
    const rows =
      type === undefined
        ? this.#hours.all(...asked)
        : this.#hoursOfType.all(...asked, Buffer.from(type));
    // Arrays, which the types do not know.
    for (const [day, hours, minutes] of rows as unknown as [number, Uint8Array?, Uint8Array?][]) {
      const first = (day * DAY - from) / HOUR;
      if (hours) addPackedHours(hours, 1, counts, first);
      else addPackedHours(minutes!, 60, counts, first);
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

const HOURS = `
  SELECT day, hours, iif(hours IS NULL, minutes, NULL) FROM rollups
  WHERE stream = ? AND subject = (SELECT id FROM names WHERE name = ?) AND day BETWEEN ? AND ?`;

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

/** No record is of a day beyond these: times lie within ±2^53 ms. */
const MOST_DAYS = Math.ceil(2 ** 53 / DAY);

/** The day of an instant, since the epoch. */
export function dayOf(time: number): number {
  return Math.max(-MOST_DAYS, Math.min(Math.floor(time / DAY), MOST_DAYS));
}
