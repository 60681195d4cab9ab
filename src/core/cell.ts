import type { Cell, Column, Table } from './table.ts';
import { formatClock, formatInstant } from './time.ts';

/** A whole number in decimal, exactly: as a bigint only where it has to be. */
export function wholeNumber(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** A cell as text, null as the empty text. */
export function cellText(cell: Cell, column: Column, { zone }: Pick<Table, 'zone'>): string {
  if (cell === null) return '';
  if (column.kind === 'seconds') return secondsText(BigInt(cell));
  if (column.kind === 'instant') return formatInstant(Number(cell), zone);
  if (column.kind === 'clock') return formatClock(Number(cell), zone);
  return String(cell);
}

/** A cell as JSON: numbers with all their digits, everything else as text. */
function cellJson(cell: Cell, column: Column, table: Pick<Table, 'zone'>): string {
  if (cell === null) return 'null';
  const text = cellText(cell, column, table);
  return isNumber(column) ? text : JSON.stringify(text);
}

/** A row as a JSON object. */
export function rowJson(row: readonly Cell[], table: Pick<Table, 'zone' | 'columns'>): string {
  const cells = table.columns.map(
    (column, i) => `${JSON.stringify(column.name)}:${cellJson(row[i] ?? null, column, table)}`,
  );
  return `{${cells.join(',')}}`;
}

/** Whether a column holds numbers that JSON shows as such. Decimals stay text: JSON would round them. */
export function isNumber({ kind }: Column): boolean {
  return kind === 'integer' || kind === 'seconds';
}

/** Milliseconds as seconds, with the decimal places they have. */
export function secondsText(ms: bigint): string {
  const sign = ms < 0n ? '-' : '';
  const size = ms < 0n ? -ms : ms;
  const fraction = String(size % 1000n)
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `${sign}${size / 1000n}${fraction === '' ? '' : `.${fraction}`}`;
}

/**
 * Text without control characters: a name from outside must not move the cursor, begin a line of its own, or turn
 * the direction of what follows.
 */
export function withoutControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');
}
