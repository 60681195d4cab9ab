import { isUtf8 } from 'node:buffer';
import type { CsvOptions } from '../../src/decoders/csv.ts';

const CELL = '(?:"(?:[^"]|"")*"|(?:[^",\\r\\n]|\\r(?!\\n))*)';
const RECORD = new RegExp(`(${CELL}(?:,${CELL})*)\\r?\\n`, 'y');
const CELLS = new RegExp(`,(${CELL})`, 'g');
const TIME =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.][0-9]+)?)( ?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?$/;
const GREATEST = 2n ** 53n;

/** An event of a row, as plain data. */
export interface CsvEvent {
  readonly subject: string;
  readonly time: number;
  readonly type?: string;
  readonly id?: string;
  readonly value?: string;
  readonly line: number;
  readonly position: number;
}

/** All that some bytes of CSV hold, as plain data. */
export interface CsvFound {
  readonly events: CsvEvent[];
  readonly rejects: { reason: string; line: number; offset: number }[];
  readonly lines: number;
  readonly blank: number;
}

/** What CSV says, found the plain and slow way: regular expressions, `Temporal` and big integers. No BOM, no header. */
export function referenceCsv(input: Uint8Array, options: CsvOptions): CsvFound {
  const text = Buffer.from(input).toString('latin1'); // a character a byte
  const bytes = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  const found: CsvFound & { lines: number; blank: number } = {
    events: [],
    rejects: [],
    lines: 0,
    blank: 0,
  };
  for (let at = 0; at < bytes.length; ) {
    const place = { line: found.lines + 1, offset: at };
    const firstLine = bytes.slice(at, bytes.indexOf('\n', at) + 1);
    RECORD.lastIndex = at;
    const [record, content] = RECORD.exec(bytes) ?? [];
    if (/^[ \t]*\r?\n$/.test(firstLine)) {
      found.blank++;
      found.lines++;
      at += firstLine.length;
    } else if (record === undefined || content === undefined) {
      found.rejects.push({ reason: 'quote', ...place });
      found.lines++;
      at += firstLine.length;
    } else {
      const cells = Array.from(`,${content}`.matchAll(CELLS), ([, cell]) =>
        cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
      );
      const event = eventOf(cells, options);
      if (typeof event === 'string') found.rejects.push({ reason: event, ...place });
      else found.events.push({ ...event, line: place.line, position: at });
      const lines = record.split('\n').length - 1;
      found.lines += lines;
      found.blank += lines - 1;
      at += record.length;
    }
  }
  return found;
}

type Unplaced = Omit<CsvEvent, 'line' | 'position'>;

/** What the cells of a row say, or why they say nothing. */
function eventOf(cells: readonly string[], options: CsvOptions): Unplaced | string {
  const { columns, fields = cells.length } = options;
  const numbers = Object.values(columns) as number[];
  const cellOf = (column: number | string | undefined) =>
    column === undefined ? undefined : cells[(column as number) - 1]!;
  if (cells.length < Math.max(...numbers) || cells.length !== fields) return 'field count';
  const [subject, type, id] = [cellOf(columns.subject)!, cellOf(columns.type), cellOf(columns.id)];
  if (subject === '' || subject !== withoutControls(subject)) return 'subject';
  const time = timeOf(trimmed(cellOf(columns.time)!), options);
  if (typeof time === 'string') return time;
  const given = cellOf(columns.value);
  const value = given === undefined ? undefined : decimalOf(trimmed(given));
  if (given !== undefined && value === undefined) return 'value';
  if (id === '') return 'id';
  const texts = [subject, type, id].filter((cell) => cell !== undefined);
  if (texts.some((cell) => !isUtf8(Buffer.from(cell, 'latin1')))) return 'encoding';
  return {
    subject: utf8(subject),
    time,
    ...(type !== undefined && { type: utf8(type) }),
    ...(id !== undefined && { id: utf8(id) }),
    ...(value !== undefined && { value }),
  };
}

function timeOf(text: string, { timeUnit, zone }: CsvOptions): number | string {
  if (/^-?[0-9]+$/.test(text)) {
    const number = BigInt(text);
    if (number > GREATEST || number < -GREATEST) return 'time';
    const ms = timeUnit === 'us' ? Math.floor(Number(number) / 1000) : Number(number);
    const instant = timeUnit === 's' ? ms * 1000 : ms;
    return Math.abs(instant) > 2 ** 53 ? 'time' : instant;
  }
  const [, date, clock, offset] = TIME.exec(text) ?? [];
  if (date === undefined || clock === undefined || clock.includes(':60')) return 'time';
  try {
    const cut = clock.replace(/([.][0-9]{3})[0-9]+$/, '$1');
    const local = Temporal.PlainDateTime.from(`${date}T${cut}`, { overflow: 'reject' });
    if (offset === undefined) {
      return zone === undefined ? 'no zone' : local.toZonedDateTime(zone).epochMilliseconds;
    }
    const utc = local.toZonedDateTime('UTC').epochMilliseconds;
    const [, sign, hours = '', minutes = '00'] =
      /([+-])([0-9]{2}):?([0-9]{2})?$/.exec(offset) ?? [];
    if (sign === undefined) return utc;
    if (Number(hours) > 23 || Number(minutes) > 59) return 'time';
    return utc - Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  } catch {
    return 'time';
  }
}

/** A decimal without zeros that say nothing. */
function decimalOf(text: string): string | undefined {
  const [, sign, front, behind = ''] = /^([+-]?)([0-9]+)(?:[.]([0-9]+))?$/.exec(text) ?? [];
  if (front === undefined) return undefined;
  const decimals = behind.replace(/0+$/, '');
  const whole = BigInt(`0${front}${decimals}`) * (sign === '-' ? -1n : 1n);
  if (decimals.length > 18 || BigInt.asIntN(64, whole) !== whole) return undefined;
  return shownValue(whole, decimals.length);
}

/** A value of a batch as text, without zeros that say nothing. */
export function shownValue(whole: bigint, scale: number): string {
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const edge = digits.length - scale;
  const decimals = digits.slice(edge).replace(/0+$/, '');
  return `${whole < 0n ? '-' : ''}${digits.slice(0, edge)}${decimals === '' ? '' : `.${decimals}`}`;
}

function withoutControls(text: string): string {
  return Array.from(text)
    .filter((c) => c >= ' ' && c !== '\x7f')
    .join('');
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString();
}
