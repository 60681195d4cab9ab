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

/** A format of reports. */
export interface Writer {
  readonly summary: string;
  /** The report in pieces of text, each of whole rows. */
  render(table: Table, options: WriteOptions): AsyncIterable<string>;
}
