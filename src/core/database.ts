import type { Cell, ColumnKind } from './table.ts';

/** What is read: a table, whose name may have its schema in front, or the result of a query. */
export type Relation = { readonly table: string } | { readonly query: string };

/** How keys are told apart and ordered: as whole numbers, or by the bytes of their text in UTF-8. */
export type KeyOrder = 'number' | 'bytes';

/** A column as its database has it. */
export interface DatabaseColumn {
  readonly name: string;
  /** Whether its values are whole numbers; else keys of it are texts. */
  readonly isInteger: boolean;
  /** How its values are shown. */
  readonly kind: ColumnKind;
}

/** Whom to list. */
export interface SubjectQuery {
  readonly from: Relation;
  /** Column that tells them apart; no two rows have the same. */
  readonly key: string;
  /** Further columns to read. */
  readonly columns: readonly string[];
  /** Columns and the exact values that rows to list have, whatever the collation. */
  readonly active: Readonly<Record<string, string | number | boolean>>;
  readonly order: KeyOrder;
}

/** Whose activity to count on which days. */
export interface ActivityQuery {
  readonly from: Relation;
  readonly key: string;
  /** A date, or an instant: of a column without a zone, of `timeZone`. */
  readonly time: string;
  /** Count rows, or distinct values of a column. */
  readonly count: 'rows' | { readonly distinct: string };
  /** First and last date, `YYYY-MM-DD`. */
  readonly first: string;
  readonly last: string;
  /** IANA name of the zone whose dates are meant. */
  readonly zone: string;
  /** IANA name of the zone that times without one are of. */
  readonly timeZone: string;
  readonly order: KeyOrder;
}

/** Someone, with the values of the further columns. */
export interface SubjectRow {
  /** A whole number in decimal without leading zeros, or text; null where there is none. */
  readonly key: string | null;
  readonly cells: readonly Cell[];
}

/** What one did on a day. */
export interface ActivityRow {
  readonly key: string | null;
  /** `YYYY-MM-DD`; null counts what says no date, or one that does not exist. */
  readonly date: string | null;
  /** Exact: a bigint where a number is not. */
  readonly count: number | bigint;
}

/** One consistent state of a database, read only. Several queries run one after the other. */
export interface DatabaseSnapshot {
  /**
   * Columns of a relation by name.
   *
   * @throws DaybookError `USAGE` - There is no such table, or the query is none.
   */
  columnsOf(from: Relation): Promise<ReadonlyMap<string, DatabaseColumn>>;
  /**
   * Rows in order of their keys, those without one first or last, in portions of bounded size, as fast as they are taken.
   *
   * @throws DaybookError `USAGE` - A column is not there, or cannot have the values that are asked for.
   * @throws DaybookError `SOURCE_UNREADABLE` - Also where the server goes away in the middle.
   * @throws DaybookError `INPUT_REJECTED` - A column of whole numbers holds NaN.
   */
  subjects(query: SubjectQuery): AsyncIterable<readonly SubjectRow[]>;
  /** Counts in order of key, then date, none of them 0; what has no date comes first or last of its key. Else as `subjects`. */
  activity(query: ActivityQuery): AsyncIterable<readonly ActivityRow[]>;
  /** Ends the snapshot and its connection, also in the middle of a query. */
  close(): Promise<void>;
}

/** A database that reports ask. */
export interface Database {
  /**
   * Connects and begins a snapshot.
   *
   * @param signal - Ends also what waits for the server.
   * @throws DaybookError `SOURCE_UNREADABLE` - With the host and what to try, never with a password.
   */
  snapshot(signal?: AbortSignal): Promise<DatabaseSnapshot>;
}
