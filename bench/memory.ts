/**
 * Measures the peak memory of `daybook bill --threads 2` on small and large logs, sorted and not, and
 * prints a Markdown table.
 *
 * Usage: node memory.ts [--sizes MEGABYTES,…] [--disorder SECONDS] [--rounds NUMBER] [--data FOLDER]
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { daybook } from './support/daybook.ts';
import { logFile, warm } from './support/log-file.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { MEMORY_METHOD, type Measurement, measure } from './support/measure.ts';
import { median } from './support/median.ts';
import { LINE_BYTES } from './support/session-log.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,2000' },
    disorder: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
});
const sizes = values.sizes.split(',').map((size) => wholeNumber('--sizes', size));
const disorder = wholeNumber('--disorder', values.disorder);
const rounds = wholeNumber('--rounds', values.rounds);
const output = join(values.data, 'answer.txt');

const machine = describeMachine();
const rows: string[][] = [];
for (const megabytes of sizes) {
  const lines = Math.round((megabytes * 1e6) / LINE_BYTES);
  for (const disorderSeconds of [0, disorder]) {
    const log = logFile(values.data, 'sessions', { lines, disorderSeconds });
    warm(log);
    const runs: Measurement[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.push(await measure(daybook('bill', '-q', '--threads', '2', log), output));
    }
    rows.push([
      disorderSeconds === 0 ? 'sorted' : `up to ${disorderSeconds} s late`,
      (statSync(log).size / 1e6).toFixed(0),
      lines.toLocaleString('en'),
      median(runs.map(({ peakMib }) => peakMib)).toFixed(0),
      Math.max(...runs.map(({ peakMib }) => peakMib)).toFixed(0),
      median(runs.map(({ seconds }) => seconds)).toFixed(2),
    ]);
  }
}
const header = ['Log', 'MB', 'lines', 'peak MiB', 'highest', 'median s'];
process.stdout.write(`${machine}.

\`daybook bill --threads 2\`, medians of ${rounds} rounds. Peak memory is from ${MEMORY_METHOD}.

${markdownTable(header, rows)}`);
