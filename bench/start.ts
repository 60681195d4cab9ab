/**
 * Measures what `daybook bill` takes for a log of ten lines, beside Node.js doing nothing, and prints a
 * Markdown table.
 *
 * Usage: node start.ts [--rounds NUMBER] [--data FOLDER]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { daybook } from './support/daybook.ts';
import { logFile } from './support/log-file.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { run } from './support/measure.ts';
import { median } from './support/median.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
});
const rounds = wholeNumber('--rounds', values.rounds);
const output = join(values.data, 'answer.txt');

const machine = describeMachine();
const bare = { program: process.execPath, args: ['-e', '0'] };
const bill = daybook(
  'bill',
  '-q',
  logFile(values.data, 'sessions', { lines: 10, disorderSeconds: 0 }),
);
const bareMs: number[] = [];
const billMs: number[] = [];
for (let round = -1; round < rounds; round++) {
  const times = [await run(bare, output), await run(bill, output)] as const;
  if (round < 0) continue; // Fills the page cache, and the cache of compiled code.
  bareMs.push(times[0] * 1000);
  billMs.push(times[1] * 1000);
}

const row = (name: string, ms: number[]) => [
  name,
  median(ms).toFixed(1),
  Math.min(...ms).toFixed(1),
];
const table = markdownTable(
  ['Process', 'median ms', 'fastest ms'],
  [
    row('`daybook bill` of ten lines', billMs),
    row('`node -e 0`', bareMs),
    [
      'difference',
      (median(billMs) - median(bareMs)).toFixed(1),
      (Math.min(...billMs) - Math.min(...bareMs)).toFixed(1),
    ],
  ],
);
process.stdout.write(`${machine}.

${rounds} rounds of both in turn.

${table}`);
