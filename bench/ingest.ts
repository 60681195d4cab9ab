/**
 * Measures `daybook ingest` beside the import of the `sqlite3` shell. Prints a Markdown table.
 *
 * Usage: node ingest.ts [--lines NUMBER] [--rounds NUMBER] [--only NAME]... [--data FOLDER]
 */
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { INGEST_TASKS } from './ingest/tasks.ts';
import { logFile, warm } from './support/log-file.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { measure } from './support/measure.ts';
import { median } from './support/median.ts';
import { raceOptions } from './support/race-options.ts';

const { lines, rounds, data, only } = raceOptions(20_000_000);
mkdirSync(data, { recursive: true });
const csv = logFile(data, 'events', { lines, disorderSeconds: 300 });
const database = join(data, 'ingest.db');
const tasks = INGEST_TASKS.filter(
  ({ name }) => only.length === 0 || only.some((word) => name.replaceAll('`', '').startsWith(word)),
);
process.stdout.write(`${describeMachine()}.\n\n`);
const seconds = new Map<string, number[]>();
const sizes = new Map<string, number>();
for (let round = 0; round < rounds; round++) {
  for (const task of tasks) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${database}${end}`, { force: true });
    warm(csv);
    const took = await measure(task.command(data, csv, database), join(data, 'ingest.out'));
    seconds.set(task.name, [...(seconds.get(task.name) ?? []), took.seconds]);
    sizes.set(task.name, statSync(database).size);
    process.stderr.write(`${round + 1}/${rounds} ${task.name}: ${took.seconds.toFixed(2)} s\n`);
  }
}
const rows = tasks.map(({ name, baseline }) => {
  const own = seconds.get(name)!;
  const others = seconds.get(baseline);
  return [
    name,
    median(own).toFixed(2),
    `${Math.min(...own).toFixed(2)}–${Math.max(...own).toFixed(2)}`,
    others ? (median(own) / median(others)).toFixed(2) : '',
    (lines / median(own) / 1e6).toFixed(2),
    (sizes.get(name)! / lines).toFixed(1),
  ];
});
const header = [
  'Contender',
  'median s',
  'range s',
  'ratio to its peer',
  'million rows/s',
  'bytes a row',
];
process.stdout.write(`${markdownTable(header, rows)}\n`);
