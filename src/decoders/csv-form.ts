import { type CsvPlaces, ROLES } from './csv-columns.ts';
import type { CsvRecord } from './csv-record.ts';

/** What usual rows look like: those that are like the last one that was read by the book. */
export class CsvForm {
  /** What is in each column, up to the last that is read: nothing, or one of `ROLES`, counted from 1. */
  roles: Uint8Array = new Uint8Array(0);
  /** Cells of a row; no row is usual while there are none. */
  width = 0;
  /** The byte behind a row's last cell: that of a line end, or of a return in front of one. */
  lineEnd = 0;
  places: CsvPlaces | undefined;
  /** Whether no column is read for two things. */
  #areApart = false;

  /** Turns to an input with its columns in these places. */
  turnTo(places: CsvPlaces): void {
    if (places === this.places) return;
    const read = ROLES.filter((role) => places[role] >= 0);
    this.places = places;
    this.width = 0;
    this.roles = new Uint8Array(Math.max(...Object.values(places)) + 1);
    for (const role of read) this.roles[places[role]] = ROLES.indexOf(role) + 1;
    this.#areApart = new Set(read.map((role) => places[role])).size === read.length;
  }

  /** Takes the form of a row that was read. */
  take(bytes: Uint8Array, { count, end }: CsvRecord): void {
    this.width = this.#areApart ? count : 0;
    this.lineEnd = bytes[end]!;
  }
}
