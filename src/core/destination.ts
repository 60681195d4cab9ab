/** Where finished reports go. */
export interface Destination {
  /**
   * Writes all pieces. Where the place can be looked at, it shows the whole report or none.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  write(pieces: AsyncIterable<string>): Promise<void>;
}
