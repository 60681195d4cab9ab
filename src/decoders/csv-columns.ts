import { DaybookError } from '../core/errors.ts';
import { quote } from '../core/time.ts';

/** What a column can be read for. */
export const ROLES = ['subject', 'time', 'type', 'id', 'value'] as const;

/** What a column is read for. */
type CsvRole = (typeof ROLES)[number];

/** Which columns are read: each by its number from 1, or by its name in the header. */
export type CsvColumns = Readonly<
  Record<'subject' | 'time', number | string> &
    Partial<Record<'type' | 'id' | 'value', number | string | undefined>>
>;

/** The same by their places from 0; −1 where none is read. Plain data. */
export type CsvPlaces = Readonly<Record<CsvRole, number>>;

/** Names of a header that a message tells at most. */
const MOST_TOLD = 20;

/** Whether a header must say which columns are meant. */
export function areNamed(columns: CsvColumns): boolean {
  return ROLES.some((role) => typeof columns[role] === 'string');
}

/**
 * Finds the columns.
 *
 * @param header - The names of an input's columns, where it has a header; none if that is malformed.
 * @throws DaybookError `USAGE` - There is no such column.
 */
export function placesOf(columns: CsvColumns, header: readonly string[]): CsvPlaces {
  const placeOf = (role: CsvRole): number => {
    const column = columns[role];
    if (column === undefined) return -1;
    if (typeof column === 'number') return column - 1;
    const place = header.findIndex((name) => name === column || name.trim() === column.trim());
    if (place < 0) throw noColumn(column, header);
    return place;
  };
  const [subject, time, type, id, value] = ROLES.map(placeOf) as [
    number,
    ...[number, number, number, number],
  ];
  return { subject, time, type, id, value };
}

function noColumn(column: string, header: readonly string[]): DaybookError {
  const told = header.slice(0, MOST_TOLD).map(quote).join(', ');
  const more = header.length > MOST_TOLD ? ` and ${header.length - MOST_TOLD} more` : '';
  const found = header.length > 0 ? `; there are ${told}${more}` : ', which is no row of CSV';
  return new DaybookError('USAGE', `there is no column ${quote(column)} in the first row${found}`);
}
