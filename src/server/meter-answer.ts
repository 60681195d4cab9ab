import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { booksOf } from '../core/books.ts';
import { secondsText } from '../core/cell.ts';
import type { Column, Row, Table } from '../core/table.ts';
import { formatInstant } from '../core/time.ts';
import type { MeterAnswer, MeterQuery, Usage } from '../open/open-meter.ts';
import { writers } from '../writers/index.ts';
import { type Completeness, completenessJson } from './completeness.ts';

/** After so many rows others have their turn. */
const ROWS_PER_TURN = 2000;

/** The answer of a meter as OpenMeter's clients read it, and what else there is to say. Numbers have all digits. */
export async function meterJson(
  { range, rows, skipped }: MeterAnswer,
  { windowSize }: Pick<MeterQuery, 'windowSize'>,
  completeness: Completeness,
): Promise<string> {
  const edges = [
    ...(Number.isFinite(range.from) ? [`"from":${instantJson(range.from)}`] : []),
    ...(Number.isFinite(range.to) ? [`"to":${instantJson(range.to)}`] : []),
    ...(windowSize ? [`"windowSize":"${windowSize}"`] : []),
  ];
  const others = `"skipped":${skipped},${completenessJson(completeness)}`;
  const data: string[] = [];
  for await (const portion of portionsOf(rows)) data.push(portion.map(usageJson).join(',\n'));
  return `{${[...edges, others].join(',')},"data":[${data.join(',\n')}]}\n`;
}

async function* portionsOf(rows: readonly Usage[]): AsyncGenerator<readonly Usage[]> {
  for (let from = 0; from < rows.length; from += ROWS_PER_TURN) {
    if (from > 0) await eventLoopTurn();
    yield rows.slice(from, from + ROWS_PER_TURN);
  }
}

function usageJson({ value, durationMs, windowStart, windowEnd, subject, groupBy }: Usage): string {
  const members = [
    `"value":${value}`,
    `"windowStart":${instantJson(windowStart)}`,
    `"windowEnd":${instantJson(windowEnd)}`,
    `"subject":${JSON.stringify(subject)}`,
    `"groupBy":{${[...groupBy].map(([name, text]) => `${JSON.stringify(name)}:${JSON.stringify(text)}`)}}`,
    ...(durationMs === undefined ? [] : [`"seconds":${secondsText(durationMs)}`]),
  ];
  return `{${members.join(',')}}`;
}

function instantJson(time: number): string {
  return JSON.stringify(formatInstant(time, 'UTC'));
}

/** The same rows as CSV. */
export async function meterCsv(
  { rows }: MeterAnswer,
  { groupBy = [] }: Pick<MeterQuery, 'groupBy'>,
): Promise<string> {
  const groups = [...new Set(groupBy.filter((name) => name !== 'subject'))];
  const columns: Column[] = [
    { name: 'window_start', kind: 'instant' },
    { name: 'window_end', kind: 'instant' },
    { name: 'subject', kind: 'text' },
    ...groups.map((name) => ({ name, kind: 'text' }) as const),
    { name: 'value', kind: 'decimal' },
  ];
  const cellsOf = ({ windowStart, windowEnd, subject, groupBy: values, value }: Usage): Row => [
    ...[windowStart, windowEnd, subject],
    ...groups.map((name) => values.get(name) ?? null),
    value,
  ];
  async function* cells(): AsyncGenerator<Row[]> {
    for await (const portion of portionsOf(rows)) yield portion.map(cellsOf);
  }
  const nothing = { report: 'meter', parameters: {}, notes: [], books: booksOf([]) };
  const table: Table = { ...nothing, columns, rows: cells(), zone: 'UTC' };
  const pieces = writers.csv.render(table, { spreadsheetSafe: false, color: false });
  return (await Array.fromAsync(pieces)).join('');
}
