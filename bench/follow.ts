/**
 * Measures `daybook traffic --follow`: how fast it catches up, how soon a line shows, and what memory and
 * processor time it takes in the long run. Prints Markdown tables.
 *
 * Usage: node follow.ts [--lines NUMBER] [--rounds NUMBER] [--samples NUMBER] [--minutes NUMBER]
 *                       [--idle-seconds NUMBER] [--data FOLDER] [rate|delay|memory]...
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { delay } from './follow/delay.ts';
import { endurance } from './follow/endurance.ts';
import { throughput } from './follow/throughput.ts';
import { describeMachine } from './support/machine.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values, positionals } = parseArgs({
  options: {
    lines: { type: 'string', default: '20000000' },
    rounds: { type: 'string', default: '5' },
    samples: { type: 'string', default: '300' },
    minutes: { type: 'string', default: '10' },
    'idle-seconds': { type: 'string', default: '60' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
  allowPositionals: true,
});
const lines = wholeNumber('--lines', values.lines);
const rounds = wholeNumber('--rounds', values.rounds);
const samples = wholeNumber('--samples', values.samples);
const minutes = wholeNumber('--minutes', values.minutes);
const idleSeconds = wholeNumber('--idle-seconds', values['idle-seconds']);
const { data } = values;

const parts: Record<string, () => Promise<string>> = {
  rate: () => throughput(data, lines, rounds),
  delay: () => delay(data, samples),
  memory: () => endurance(data, minutes, idleSeconds),
};

const unknown = positionals.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) throw new Error(`"${unknown}" is none of rate, delay, memory`);
mkdirSync(data, { recursive: true });
process.stdout.write(`${describeMachine()}.\n`);
for (const [name, part] of Object.entries(parts)) {
  if (positionals.length === 0 || positionals.includes(name)) {
    process.stdout.write(`\n${await part()}`);
  }
}
