import type { Piece } from './writer.ts';

/** Where finished reports go. */
export interface Destination {
  /**
   * Writes all pieces. Where the place can be looked at, it shows the whole report or none.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  write(pieces: AsyncIterable<Piece>): Promise<void>;
}

/** Where reports go one after the other, as they come: as text, unless it takes something else. */
export interface Outlet<Written = string> {
  /** How many bytes were written to it, also by those before. */
  readonly sizeBytes: number;
  /** Whether nobody takes what is written any more. */
  readonly isClosed: boolean;
  /**
   * Adds a report, or a piece of one, behind the others.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  write(report: Written): Promise<void>;
  /** Settles when what was written outlasts a loss of power, where there is such a thing. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
