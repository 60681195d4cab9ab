import type { DatabaseColumn, KeyOrder } from '../core/database.ts';
import type { DayShifts } from './day-shifts.ts';

/** What a column holds, as far as it matters to queries; a time that is `local` has no zone. */
export type SqlType = 'number' | 'boolean' | 'text' | 'binary' | 'date' | 'local' | 'instant';

/** A column as queries see it. */
export interface SqlColumn extends DatabaseColumn {
  readonly type: SqlType;
}

/** What a connection can do. All values are text as the server writes them. */
export interface SqlSession {
  columnsOf(sql: string): Promise<readonly SqlColumn[]>;
  /**
   * In portions of bounded size, the next of which is read while one is looked at.
   *
   * @param of - What to make of each row; at once, since the next one may come in the same array.
   */
  rowsOf<Row>(sql: string, of: (row: SqlRow) => Row): AsyncIterable<readonly Row[]>;
  /** Ends the connection, also in the middle of a query, and sees to it that the server does not go on with that. */
  end(): Promise<void>;
}

export type SqlRow = readonly (string | null)[];

/** Some servers look up each group in a table of theirs on disk, and sort then; to sort first is nine times as fast. */
interface Grouping {
  /** Asks for the plan of a query. */
  explain(sql: string): string;
  /** Whether a row of the plan says that groups are looked up. */
  looksUp(row: SqlRow): boolean;
  /** The query, which begins with SELECT, so that it sorts first. */
  sortFirst(sql: string): string;
}

/**
 * How a server's SQL says what is asked. What it says never depends on collations, zones or modes of a server; sessions
 * are in UTC.
 */
export interface Dialect {
  /** How to hasten a query of many groups in order; undefined where the server sees to it itself. */
  readonly grouping?: Grouping;
  /** A name in quotes. */
  quoted(name: string): string;
  /** A text as `exact` makes one of bytes. */
  bytes(text: string): string;
  /** A column as text that people can read. */
  shown(column: SqlColumn): string;
  /** A column by which whole numbers, or bytes of texts, are told apart and ordered. */
  exact(column: SqlColumn, order: KeyOrder): string;
  /** What `exact` made, as text. */
  exactShown(expression: string, order: KeyOrder): string;
  /** A date or instant, of ms since the epoch, to compare a column with. */
  moment(column: SqlColumn, ms: number): string;
  /** The dates of times, by their shifts. */
  dateOf(column: SqlColumn, shifts: DayShifts): string;
  /** That a column says no date. */
  undated(column: SqlColumn): string;
}
