import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventList } from '../core/event-list.ts';
import type { MinuteCount, StoreQuery } from '../core/store.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { minuteGroups } from './minute-groups.ts';
import { dayUntil, mergeDays, packDay, unpackDay } from './rollup-day.ts';
import type { SqliteNames } from './sqlite-names.ts';

/** How many events of each subject and type there are in each minute: a row for each UTC day. */
export class SqliteRollups {
  readonly #names: SqliteNames;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;
  readonly #cut: StatementSync;
  readonly #ofSubject: StatementSync;
  readonly #ofAll: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#names = names;
    db.function('merged_day', { deterministic: true }, (one, other) =>
      packDay(mergeDays(unpackDay(one as Uint8Array), unpackDay(other as Uint8Array))),
    );
    this.#add = db.prepare(`
      INSERT INTO rollups (stream, subject, day, type, minutes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET minutes = merged_day(minutes, excluded.minutes)`);
    db.function('day_until', { deterministic: true }, (day, minute) =>
      packDay(dayUntil(unpackDay(day as Uint8Array), Number(minute))),
    );
    this.#forget = db.prepare('DELETE FROM rollups WHERE stream = ? AND day BETWEEN ? AND ?');
    this.#cut = db.prepare(
      'UPDATE rollups SET minutes = day_until(minutes, ?) WHERE stream = ? AND day = ?',
    );
    const columns = 'SELECT subject, day, type, minutes FROM rollups WHERE stream = ?';
    this.#ofSubject = db.prepare(`${columns} AND subject = ? AND day BETWEEN ? AND ?`);
    this.#ofAll = db.prepare(`${columns} AND day BETWEEN ? AND ?`);
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
    for (const row of rows) this.#add.run(stream, row.subject, row.day, row.type, packDay(row));
  }

  /** Forgets all from a whole minute up to the end of a day since the epoch. */
  forget(stream: number, from: number, lastDay: number): void {
    const day = dayOf(from);
    const minute = (from - day * DAY) / MINUTE;
    if (minute > 0) this.#cut.run(minute, stream, day);
    this.#forget.run(stream, minute > 0 ? day + 1 : day, lastDay);
  }

  /** Minutes with events that begin in a range. */
  *minutes(stream: number, { from, to, subjects }: StoreQuery): Generator<MinuteCount> {
    const days = [dayOf(from), dayOf(to)] as const;
    for (const row of this.#rows(stream, subjects, days)) {
      const [subject, day, type] = [
        Number(row['subject']),
        Number(row['day']),
        Number(row['type']),
      ];
      const names = {
        subject: this.#names.textOf(subject),
        type: type > 0 ? this.#names.textOf(type) : '',
      };
      const { minute, count, values } = unpackDay(row['minutes'] as Uint8Array);
      for (let i = 0; i < minute.length; i++) {
        const start = day * DAY + minute[i]! * MINUTE;
        if (start < from || start >= to) continue;
        yield { ...names, start, count: count[i]!, values: values?.[i] };
      }
    }
  }

  *#rows(
    stream: number,
    subjects: readonly string[] | undefined,
    days: readonly [number, number],
  ): Generator<Record<string, unknown>> {
    if (subjects === undefined) return yield* this.#ofAll.iterate(stream, ...days);
    for (const subject of new Set(subjects)) {
      const id = this.#names.find(Buffer.from(subject));
      if (id !== undefined) yield* this.#ofSubject.iterate(stream, id, ...days);
    }
  }
}

/** No record is of a day beyond these: times lie within ±2^53 ms. */
const MOST_DAYS = Math.ceil(2 ** 53 / DAY);

/** The day of an instant, since the epoch. */
export function dayOf(time: number): number {
  return Math.max(-MOST_DAYS, Math.min(Math.floor(time / DAY), MOST_DAYS));
}
