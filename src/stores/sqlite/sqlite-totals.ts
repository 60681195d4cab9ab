import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { HoursQuery } from '../../core/store.ts';
import { DAY, HOUR } from '../../core/time.ts';
import {
  addMinutes,
  addPackedTotals,
  type HourTotals,
  noTotals,
  packTotals,
} from '../hour-totals.ts';
import { unpackDay } from '../rollup-day.ts';

/**
 * How many events of each subject there are in each hour, of all types: a row for each UTC day. It could be added up from the
 * rollups; but this is what is asked for most, and so it takes a row instead of one for each type.
 */
export class SqliteTotals {
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #forget: StatementSync;
  readonly #count: StatementSync;
  readonly #erase: StatementSync;

  constructor(db: DatabaseSync) {
    db.function('sum_of_totals', { deterministic: true }, (one, other) => {
      const sum = noTotals();
      for (const totals of [one, other]) addPackedTotals(totals as Uint8Array, sum);
      return packTotals(sum);
    });
    defineTotals(db);
    this.#add = db.prepare(`
      INSERT INTO totals (stream, subject, day, hours) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET hours = sum_of_totals(hours, excluded.hours)`);
    this.#forget = db.prepare('DELETE FROM totals WHERE stream = ? AND day BETWEEN ? AND ?');
    this.#erase = db.prepare('DELETE FROM totals WHERE subject = ?');
    this.#count = db.prepare(`
      INSERT INTO totals (stream, subject, day, hours)
      SELECT stream, subject, day, totals_of(minutes) FROM rollups WHERE stream = ? AND day = ?
      GROUP BY stream, subject, day`);
    // Of text, a reader makes bytes in a fifth of the time that a blob takes.
    this.#find = db.prepare(`
      SELECT day, hex(hours) FROM totals
      WHERE stream = ? AND subject = (SELECT id FROM names WHERE name = CAST(? AS BLOB)) AND day BETWEEN ? AND ?`);
    this.#find.setReturnArrays(true);
  }

  /** Adds events of a subject on a day since the epoch. */
  add(stream: number, subject: number, day: number, totals: HourTotals): void {
    this.#add.run(stream, subject, day, packTotals(totals));
  }

  /** Adds the events of a subject on some days to numbers by the hour. */
  addHours(
    stream: number,
    { subject, from }: HoursQuery,
    days: readonly [first: number, last: number],
    counts: Float64Array,
  ): void {
    // Arrays, which the types do not know.
    const rows = this.#find.all(stream, subject, ...days) as unknown as [number, string][];
    for (const [day, hex] of rows)
      addPackedTotals(Buffer.from(hex, 'hex'), counts, (day * DAY - from) / HOUR);
  }

  /** Forgets some days since the epoch. */
  forget(stream: number, firstDay: number, lastDay: number): void {
    this.#forget.run(stream, firstDay, lastDay);
  }

  /** Forgets all of a subject, in every stream. */
  erase(subject: number): void {
    this.#erase.run(subject);
  }

  /** Adds up a day anew from what the rollups have of it. */
  countAgain(stream: number, day: number): void {
    this.forget(stream, day, day);
    this.#count.run(stream, day);
  }
}

/** Lets statements add up days of minutes (`totals_of`), also those that bring a store forward. */
export function defineTotals(db: DatabaseSync): void {
  let failure: unknown;
  db.aggregate('totals_of', {
    start: () => {
      failure = undefined;
      return noTotals();
    },
    // Of what a step throws, Node.js tells nothing: the statement would seem to have found no rows.
    step: (totals: HourTotals, minutes) => {
      try {
        addMinutes(totals, unpackDay(minutes as Uint8Array));
      } catch (error) {
        failure = error;
      }
      return totals;
    },
    result: (totals: HourTotals) => {
      if (failure !== undefined) throw failure;
      return packTotals(totals);
    },
  });
}
