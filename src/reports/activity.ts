import type { Books } from '../core/books.ts';
import { wholeNumber } from '../core/cell.ts';
import type { ActivityRow, KeyOrder, SubjectRow } from '../core/database.ts';
import { DaybookError } from '../core/errors.ts';
import type { RunInput } from '../core/run-history.ts';
import type { Cell, Column, Note, Parameter, Row, Table } from '../core/table.ts';
import { quote } from '../core/time.ts';
import { compareKeys } from './key-order.ts';
import { PortionReader } from './portion-reader.ts';

type Count = ActivityRow['count'];

/** What a column of the report shows; a number is that of a further column of the subjects. */
type ActivityCell = 'key' | 'date' | 'count' | number;

/** What an activity report is made of, and how it is to look. */
export interface ActivityView {
  readonly report: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly columns: readonly (Column & { readonly cell: ActivityCell })[];
  readonly order: KeyOrder;
  readonly zone: string;
  /** What messages call where the rows come from. */
  readonly names: { readonly subjects: string; readonly activity: string };
}

/** An activity report that can be taken once. */
export interface Activity {
  readonly table: Table;
  /** What was read so far: all of it when the rows were taken. */
  inputs(): readonly RunInput[];
}

/**
 * Joins subjects with what they did, both in order of their keys: a row for each date with activity, or one without a
 * date. Reads both as rows are taken, and keeps none.
 *
 * While rows are taken it fails where two subjects have one key (`INPUT_REJECTED`), or a side is out of order.
 */
export function joinActivity(
  view: ActivityView,
  subjects: AsyncIterable<readonly SubjectRow[]>,
  activity: AsyncIterable<readonly ActivityRow[]>,
): Activity {
  const join = new Join(view, subjects, activity);
  const { report, parameters, zone, columns } = view;
  return {
    table: {
      ...{ report, parameters, zone },
      columns: columns.map(({ name, kind }) => ({ name, kind })),
      rows: join.rows(),
      get notes() {
        return join.notes();
      },
      get books() {
        return join.books();
      },
    },
    inputs: () => join.inputs(),
  };
}

/** Rows to hand on at a time: of those of more, most would be garbage that has grown old. */
const PORTION_ROWS = 1000;

class Join {
  readonly #view: ActivityView;
  /** Whether keys are shown as numbers. */
  readonly #isNumber: boolean;
  readonly #compare: (a: string, b: string) => number;
  readonly #subjects: PortionReader<SubjectRow>;
  readonly #activity: PortionReader<ActivityRow>;
  /** Activity that was read, and where in it we are. */
  #done: readonly ActivityRow[] = [];
  #at = 0;
  #lastDone: ActivityRow | undefined;
  readonly #tally = { listed: 0, idle: 0, keyless: 0, others: 0 };
  readonly #sums = { counted: 0, others: 0, undated: 0, nobodys: 0 } as Record<
    'counted' | 'others' | 'undated' | 'nobodys',
    Count
  >;
  #other: string | undefined;

  constructor(
    view: ActivityView,
    subjects: AsyncIterable<readonly SubjectRow[]>,
    activity: AsyncIterable<readonly ActivityRow[]>,
  ) {
    this.#view = view;
    this.#isNumber = view.columns.some(({ cell, kind }) => cell === 'key' && kind === 'integer');
    this.#compare = compareKeys[view.order];
    // Both are asked at once: each database may have to sort before it answers.
    this.#subjects = new PortionReader(view.names.subjects, subjects, ({ key, cells }) =>
      JSON.stringify([key, ...cells.map((cell) => (cell === null ? null : String(cell)))]),
    );
    this.#activity = new PortionReader(view.names.activity, activity, ({ key, date, count }) =>
      // A number needs no marks to show where it ends, and there may be many of them.
      view.order === 'number' ? `${key} ${date} ${count}` : JSON.stringify([key, date, `${count}`]),
    );
  }

  async *rows(): AsyncGenerator<readonly Row[]> {
    let last: string | undefined;
    for (;;) {
      const portion = await this.#subjects.take();
      if (portion.length === 0) break;
      let rows: Row[] = [];
      for (const { key, cells } of portion) {
        if (key === null) {
          this.#tally.keyless++;
          continue;
        }
        if (last !== undefined) this.#checkSubject(last, key);
        last = key;
        this.#tally.listed++;
        if (rows.length >= PORTION_ROWS) {
          yield rows;
          rows = [];
        }
        const before = rows.length;
        const shown = this.#shown(key);
        // Only awaited where there is something to wait for: most rows stand in the portion that is there.
        for (let done = this.#next() ?? (await this.#more()); done; ) {
          if (done.key === null || done.date === null) this.#leaveOut(done);
          else {
            const order = this.#compare(done.key, key);
            if (order > 0) break;
            if (order === 0) {
              rows.push(this.#row(shown, cells, done.date, done.count));
              this.#sums.counted = sum(this.#sums.counted, done.count);
            } else this.#passBy(done.key, done.count);
          }
          this.#at++;
          done = this.#next() ?? (await this.#more());
        }
        if (rows.length > before) continue;
        rows.push(this.#row(shown, cells, null, 0));
        this.#tally.idle++;
      }
      yield rows;
    }
    for (let done = this.#next() ?? (await this.#more()); done; ) {
      if (done.key === null || done.date === null) this.#leaveOut(done);
      else this.#passBy(done.key, done.count);
      this.#at++;
      done = this.#next() ?? (await this.#more());
    }
  }

  inputs(): readonly RunInput[] {
    return [this.#subjects.input, this.#activity.input];
  }

  books(): Books {
    const { counted, others, undated, nobodys } = this.#sums;
    const rejected = {
      ...(nobodys > 0 ? { 'no key': Number(nobodys) } : {}),
      ...(undated > 0 ? { 'no date': Number(undated) } : {}),
    };
    return {
      read: Number(BigInt(counted) + BigInt(others) + BigInt(undated) + BigInt(nobodys)),
      counted: Number(counted),
      ...{ rejected, duplicate: 0, conflict: 0, late: 0 },
      filtered: Number(others),
    };
  }

  notes(): readonly Note[] {
    const { listed, idle, keyless, others } = this.#tally;
    const { subjects, activity } = this.#view.names;
    const { undated, nobodys, others: theirs } = this.#sums;
    const notes: Note[] = [
      { code: 'listed', message: `${listed} listed, ${idle} without activity`, listed, idle },
    ];
    const tell = (code: string, number: number | bigint, message: string) => {
      if (number > 0) notes.push({ code, message: `${number} ${message}`, number: Number(number) });
    };
    tell('unlisted', others, `with activity (${theirs} in all) are not among those listed`);
    tell('undated', undated, `without a date are left out: ${activity}`);
    tell('nobodys', nobodys, `of nobody are left out: ${activity}`);
    tell('keyless', keyless, `without a key are left out: ${subjects}`);
    return notes;
  }

  /** What was done next, if it is there; looked at, not taken. */
  #next(): ActivityRow | undefined {
    return this.#done[this.#at];
  }

  /** The same, when the next portion is there; undefined at the end. */
  async #more(): Promise<ActivityRow | undefined> {
    this.#done = await this.#activity.take();
    this.#at = 0;
    for (const done of this.#done) this.#checkDone(done);
    return this.#done[0];
  }

  #shown(key: string): Cell {
    return this.#isNumber ? wholeNumber(key) : key;
  }

  #row(key: Cell, cells: readonly Cell[], date: string | null, count: Count): Row {
    // An array of just that size: one that grows would take three times the room.
    return this.#view.columns.map(({ cell }) => {
      if (cell === 'key') return key;
      if (cell === 'date') return date;
      return cell === 'count' ? count : (cells[cell] ?? null);
    });
  }

  #passBy(key: string, count: Count): void {
    this.#sums.others = sum(this.#sums.others, count);
    if (key === this.#other) return;
    this.#other = key;
    this.#tally.others++;
  }

  #leaveOut({ key, date, count }: ActivityRow): void {
    const sums = this.#sums;
    if (key === null) sums.nobodys = sum(sums.nobodys, count);
    else if (date === null) sums.undated = sum(sums.undated, count);
  }

  #checkSubject(last: string, key: string): void {
    const order = this.#compare(last, key);
    if (order < 0) return;
    const { subjects } = this.#view.names;
    if (order > 0) throw disordered(subjects, last, key);
    throw new DaybookError(
      'INPUT_REJECTED',
      `the key ${quote(key)} stands twice in ${subjects}; name a column that tells all of them apart`,
    );
  }

  #checkDone(done: ActivityRow): void {
    if (done.key === null || done.date === null) return;
    const last = this.#lastDone;
    this.#lastDone = done;
    if (last === undefined) return;
    const order = this.#compare(last.key!, done.key) || (last.date! < done.date ? -1 : 1);
    if (order > 0) throw disordered(this.#view.names.activity, last.key!, done.key);
  }
}

/** The sum of both, exactly. */
function sum(a: Count, b: Count): Count {
  if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) return a + b;
  return BigInt(a) + BigInt(b);
}

/** A server that orders by the beginnings of long texts only. */
function disordered(name: string, before: string, key: string): DaybookError {
  const message = `${name}: ${quote(before)} came before ${quote(key)}; keys may be too long to be put in order`;
  return new DaybookError('SOURCE_UNREADABLE', message);
}
