import type { Table } from './table.ts';

/** How a report is to look. */
export interface WriteOptions {
  /** Defuse text that a spreadsheet would take for a formula. */
  readonly spreadsheetSafe: boolean;
  /** Whether to emphasise with terminal colours. */
  readonly color: boolean;
  /** False for what follows on a report of the same columns. */
  readonly header?: boolean;
}

/** A piece of a written report: text, or bytes where the format is no text. */
export type Piece = string | Uint8Array;

/** A format of reports, of text unless it says otherwise. */
export interface Writer<Written extends Piece = Piece> {
  readonly summary: string;
  /** What services call the format: `text/csv; charset=utf-8`. */
  readonly mediaType: string;
  /** The report in pieces; those of text are whole rows each. */
  render(table: Table, options: WriteOptions): AsyncIterable<Written>;
}
