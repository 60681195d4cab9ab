import type { Books } from './books.ts';

/**
 * What a column holds, and how its cells are given.
 *
 * - `text`: string
 * - `integer`: number or bigint
 * - `decimal`: decimal text, of any precision; text outside, too
 * - `seconds`: milliseconds as number or bigint, shown as seconds with the fraction they have
 * - `instant`: milliseconds since the epoch, shown as RFC 3339
 * - `clock`: milliseconds since the epoch, shown as the time of day
 */
export type ColumnKind = 'text' | 'integer' | 'decimal' | 'seconds' | 'instant' | 'clock';

/** A column of a report. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** A value as its column's kind says, or null for none. */
export type Cell = string | number | bigint | null;
/** The cells of a row, in the order of the columns. */
export type Row = readonly Cell[];

/** Something to know about a report, for people (`message`) and programs (the rest). */
export interface Note {
  readonly code: string;
  readonly message: string;
  readonly [key: string]: string | number;
}

/** What was asked for, as a report repeats it. */
export type Parameter = string | number | boolean | readonly string[];

/** A finished report: typed columns, rows in a stated total order, notes, and the books. */
export interface Table {
  readonly report: string;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly columns: readonly Column[];
  /** In portions, so that a long report need not be in memory. Can be read once. */
  readonly rows: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>;
  /** A last row that sums up the others, for people: tables show it, programs find it in the notes. */
  readonly total?: Row | undefined;
  readonly notes: readonly Note[];
  /** Final when the rows were read. */
  readonly books: Books;
  /** IANA name of the zone in which instants are shown. */
  readonly zone: string;
}
