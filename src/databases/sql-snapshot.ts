import { wholeNumber } from '../core/cell.ts';
import type {
  ActivityQuery,
  ActivityRow,
  DatabaseColumn,
  DatabaseSnapshot,
  Relation,
  SubjectQuery,
  SubjectRow,
} from '../core/database.ts';
import { DaybookError } from '../core/errors.ts';
import { quote } from '../core/time.ts';
import { dayShifts } from './day-shifts.ts';
import type { Dialect, SqlColumn, SqlSession } from './dialect.ts';
import { equality } from './equality.ts';
import { fromClause, relationName } from './relation.ts';

/** A snapshot of a database that is asked in SQL. */
export class SqlSnapshot implements DatabaseSnapshot {
  readonly #session: SqlSession;
  readonly #dialect: Dialect;
  /** What messages call the database. */
  readonly #name: string;
  /** Columns by what was asked for them: a snapshot does not change. */
  readonly #known: Map<string, ReadonlyMap<string, SqlColumn>> = new Map();

  constructor(session: SqlSession, dialect: Dialect, name: string) {
    this.#session = session;
    this.#dialect = dialect;
    this.#name = name;
  }

  async columnsOf(from: Relation): Promise<ReadonlyMap<string, DatabaseColumn>> {
    return this.#columnsOf(from);
  }

  async *subjects(query: SubjectQuery): AsyncGenerator<readonly SubjectRow[]> {
    const { from, active, order } = query;
    const { shown, exact, exactShown } = this.#dialect;
    const columnOf = await this.#finder(from);
    const columns = query.columns.map(columnOf);
    const wanted = Object.entries(active).map(([name, value]) =>
      equality(columnOf(name), value, this.#dialect),
    );
    // Behind ORDER BY a name of what is selected would win over that of a column: so all have names of ours.
    const keyColumn = columnOf(query.key);
    const inner = [exact(keyColumn, order), ...columns.map(shown)];
    const outer = [`${exactShown('c0', order)} AS shown`, ...columns.map((_, i) => `c${i + 1}`)];
    yield* this.#session.rowsOf(
      [
        `SELECT ${outer.join(', ')}`,
        `FROM (SELECT ${inner.map((column, i) => `${column} AS c${i}`).join(', ')}`,
        `FROM ${fromClause(from, this.#dialect)}`,
        ...(wanted.length > 0 ? [`WHERE ${wanted.join(' AND ')}`] : []),
        ') AS listed ORDER BY c0',
      ].join('\n'),
      ([key = null, ...texts]) => ({
        key: keyOf(key, keyColumn),
        cells: columns.map((column, i) => {
          const text = texts[i] ?? null;
          if (text === null || column.kind !== 'integer') return text;
          if (text !== NAN) return wholeNumber(text);
          const problem = `${quote(column.name)} holds NaN among whole numbers; see to it in a query`;
          throw this.#misfit(from, problem, 'INPUT_REJECTED');
        }),
      }),
    );
  }

  async *activity(query: ActivityQuery): AsyncGenerator<readonly ActivityRow[]> {
    const sql = await this.#hastened(await this.#activitySql(query));
    const keyColumn = (await this.#finder(query.from))(query.key);
    const dates = datesOf(query);
    yield* this.#session.rowsOf(sql, ([key = null, date, count]) => ({
      key: keyOf(key, keyColumn),
      date: dates.get(date ?? '') ?? null,
      count: wholeNumber(count ?? '0'),
    }));
  }

  async close(): Promise<void> {
    await this.#session.end();
  }

  async #activitySql(query: ActivityQuery): Promise<string> {
    const { from, first, last, order, count } = query;
    const { exact, exactShown, dateOf, moment, undated, quoted } = this.#dialect;
    const columnOf = await this.#finder(from);
    const time = columnOf(query.time);
    if (!['date', 'local', 'instant'].includes(time.type))
      throw this.#misfit(from, `${quote(time.name)} holds no dates or times; make them in a query`);
    const shifts = dayShifts(query, query.zone, time.type === 'local' ? query.timeZone : 'UTC');
    const isDate = time.type === 'date';
    // Times are sifted roughly as they are stored, so that an index helps, and then by their dates.
    const day = { ...time, type: 'date' } as const;
    const column = quoted(time.name);
    const dates = `${moment(day, Date.parse(first))} AND ${moment(day, Date.parse(last))}`;
    const within = isDate
      ? `${column} BETWEEN ${dates}`
      : `${column} >= ${moment(time, shifts.from)} AND ${column} < ${moment(time, shifts.to)}`;
    const distinct = count === 'rows' ? undefined : columnOf(count.distinct);
    const inner = [
      `${exact(columnOf(query.key), order)} AS c0`,
      `${dateOf(time, shifts)} AS c1`,
      ...(distinct ? [`${exact(distinct, distinct.isInteger ? 'number' : 'bytes')} AS c2`] : []),
    ];
    const number = distinct ? 'COUNT(DISTINCT c2)' : 'COUNT(*)';
    return [
      `SELECT ${exactShown('c0', order)} AS shown, c1, ${number}`,
      `FROM (SELECT ${inner.join(', ')}`,
      `FROM ${fromClause(from, this.#dialect)}`,
      `WHERE (${within}) OR ${undated(time)}) AS done`,
      ...(isDate ? [] : [`WHERE c1 BETWEEN ${dates} OR c1 IS NULL`]),
      'GROUP BY c0, c1',
      ...(distinct ? [`HAVING ${number} > 0`] : []),
      'ORDER BY c0, c1',
    ].join('\n');
  }

  async #hastened(sql: string): Promise<string> {
    const { grouping } = this.#dialect;
    if (grouping === undefined) return sql;
    try {
      const plan = await Array.fromAsync(
        this.#session.rowsOf(grouping.explain(sql), grouping.looksUp),
      );
      if (!plan.flat().includes(true)) return sql;
    } catch {} // Plans of views are not for everybody. If it is something else, the query will say so.
    return grouping.sortFirst(sql);
  }

  async #columnsOf(from: Relation): Promise<ReadonlyMap<string, SqlColumn>> {
    const sql = `SELECT * FROM ${fromClause(from, this.#dialect)} LIMIT 0`;
    const known = this.#known.get(sql);
    if (known) return known;
    const columns = await this.#session.columnsOf(sql);
    const byName = new Map(columns.map((column) => [column.name, column]));
    this.#known.set(sql, byName);
    return byName;
  }

  async #finder(from: Relation): Promise<(name: string) => SqlColumn> {
    const columns = await this.#columnsOf(from);
    return (name) => {
      const column = columns.get(name);
      if (column === undefined) throw this.#misfit(from, `there is no column ${quote(name)}`);
      return column;
    };
  }

  #misfit(from: Relation, problem: string, code: DaybookError['code'] = 'USAGE'): DaybookError {
    return new DaybookError(code, `${relationName(from)} of ${this.#name}: ${problem}`);
  }
}

/** The dates of a range, by themselves: what the server says that is none of them does not exist. */
function datesOf({ first, last }: ActivityQuery): ReadonlyMap<string, string> {
  const dates = new Map<string, string>();
  const end = Temporal.PlainDate.from(last);
  for (
    let date = Temporal.PlainDate.from(first);
    Temporal.PlainDate.compare(date, end) <= 0;
    date = date.add({ days: 1 })
  )
    dates.set(date.toString(), date.toString());
  return dates;
}

/** What PostgreSQL takes into columns of whole numbers, too; behind all of them in its order. */
const NAN = 'NaN';

/** What is no number is no key where keys are. */
function keyOf(key: string | null, { isInteger }: SqlColumn): string | null {
  return key === NAN && isInteger ? null : key;
}
