import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventList } from '../core/event-list.ts';
import type { MinuteCount, StoreQuery } from '../core/store.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { minuteGroups } from './minute-groups.ts';
import { mergeDays, packDay, unpackDay } from './rollup-day.ts';
import type { SqliteNames } from './sqlite-names.ts';

/** How many events of each subject and type there are in each minute: a row for each UTC day. */
export class SqliteRollups {
  readonly #db: DatabaseSync;
  readonly #names: SqliteNames;
  readonly #add: StatementSync;
  readonly #forget: StatementSync;

  constructor(db: DatabaseSync, names: SqliteNames) {
    this.#db = db;
    this.#names = names;
    db.function('merged_day', { deterministic: true }, (one, other) =>
      packDay(mergeDays(unpackDay(one as Uint8Array), unpackDay(other as Uint8Array))),
    );
    this.#add = db.prepare(`
      INSERT INTO rollups (stream, subject, day, type, minutes) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET minutes = merged_day(minutes, excluded.minutes)`);
    this.#forget = db.prepare('DELETE FROM rollups WHERE stream = ? AND day BETWEEN ? AND ?');
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

  /** Forgets all of some days since the epoch, both included. */
  forget(stream: number, days: readonly [number, number]): void {
    this.#forget.run(stream, ...days);
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
    // Statements of their own: others may read at the same time.
    if (subjects === undefined)
      return yield* this.#db.prepare(`${DAYS} AND day BETWEEN ? AND ?`).iterate(stream, ...days);
    const ofSubject = this.#db.prepare(`${DAYS} AND subject = ? AND day BETWEEN ? AND ?`);
    for (const subject of new Set(subjects)) {
      const id = this.#names.find(Buffer.from(subject));
      if (id !== undefined) yield* ofSubject.iterate(stream, id, ...days);
    }
  }
}

const DAYS = 'SELECT subject, day, type, minutes FROM rollups WHERE stream = ?';

/** No record is of a day beyond these: times lie within ±2^53 ms. */
const MOST_DAYS = Math.ceil(2 ** 53 / DAY);

/** The day of an instant, since the epoch. */
export function dayOf(time: number): number {
  return Math.max(-MOST_DAYS, Math.min(Math.floor(time / DAY), MOST_DAYS));
}
