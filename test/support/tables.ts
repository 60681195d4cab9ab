import type { Table } from '../../src/core/table.ts';
import type { WriteOptions, Writer } from '../../src/core/writer.ts';

/** Texts that end a cell, a line or a string too early, move a terminal's cursor, or run as a formula. */
export const HOSTILE_TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '"',
    '""',
    ',',
    ';',
    "'",
    '\\',
    '\n',
    '\r',
    '\r\n',
    '\t',
    'a"b,c\r\nd',
    '","',
    '\u2028',
  ],
  ...[
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    "=cmd|'/c calc'!A1",
    '</script>',
    '&amp;',
    'NaN',
  ],
  ...[
    '\0',
    '\u001b[31mred\u001b[0m',
    '\u001b]0;title\u0007',
    '\u009b2J',
    '\u0008',
    '\u007f',
    '\ufeff',
  ],
  ...[
    'constructor',
    '__proto__',
    'toString',
    'null',
    'Zoë',
    '\u{1f600}',
    '\ud800',
    '10',
    '0x10',
    '1e3',
  ],
];

/** A table of one portion that is fine but for what is said. */
export function tableOf(part: Partial<Table>): Table {
  return {
    report: 'bill',
    parameters: { inputs: ['app.log'] },
    columns: [
      { name: 'name', kind: 'text' },
      { name: 'sessions', kind: 'integer' },
    ],
    rows: [[['ALICE99', 4]]],
    notes: [],
    books: { read: 0, counted: 0, rejected: {}, duplicate: 0, conflict: 0, late: 0, filtered: 0 },
    zone: 'UTC',
    ...part,
  };
}

/** What a writer makes of a table. */
export async function rendered(
  writer: Writer,
  table: Partial<Table>,
  options: Partial<WriteOptions> = {},
): Promise<string> {
  const all = { spreadsheetSafe: false, color: false, ...options };
  return (await Array.fromAsync(writer.render(tableOf(table), all))).join('');
}
