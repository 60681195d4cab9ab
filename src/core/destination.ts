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

/** Where reports go one after the other, as they come. */
export interface Outlet<Written extends Piece = string> {
  /** How many bytes were written to it, also by those before. */
  readonly sizeBytes: number;
  /** Whether nobody takes what is written any more. */
  readonly isClosed: boolean;
  /**
   * Adds a piece behind the others.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  write(piece: Written): Promise<void>;
  /** Settles when what was written outlasts a loss of power, where there is such a thing. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
