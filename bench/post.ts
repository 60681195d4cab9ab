/**
 * Measures how many events a second `daybook serve` takes over HTTP, in bodies of 100 CloudEvents, each answered when it is
 * on the disk, beside inserts of the same rows with `node:sqlite` in transactions of 100. Prints a Markdown table.
 *
 * Usage: node post.ts [--lines NUMBER] [--rounds NUMBER] [--data FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daybook } from './support/daybook.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { median } from './support/median.ts';
import { raceOptions } from './support/race-options.ts';
import { startServer } from './support/server.ts';

const { lines, rounds, data } = raceOptions(200_000);
mkdirSync(data, { recursive: true });
const database = join(data, 'post.db');
const settings = join(data, 'post.yaml');
writeFileSync(settings, JSON.stringify({ store: { path: database } }));

/** Events a second of each contender, round by round. */
const contenders = [
  { name: 'inserts, no key', rates: [] as number[], run: () => inserted('none') },
  { name: 'inserts, keyed by source and id', rates: [] as number[], run: () => inserted('id') },
  { name: '`daybook serve`, 1 connection', rates: [] as number[], run: () => posted(1) },
  { name: '`daybook serve`, 8 connections', rates: [] as number[], run: () => posted(8) },
];

process.stdout.write(`${describeMachine()}.\n\n`);
for (let round = 0; round < rounds; round++)
  for (const { name, rates, run } of contenders) {
    for (const end of ['', '-wal', '-shm']) rmSync(`${database}${end}`, { force: true });
    const rate = await run();
    rates.push(rate);
    process.stderr.write(`${round + 1}/${rounds} ${name}: ${rate.toFixed(0)} events/s\n`);
  }
const base = median(contenders[1]!.rates);
const rows = contenders.map(({ name, rates }) => [
  name,
  median(rates).toFixed(0),
  `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`,
  `${((100 * median(rates)) / base).toFixed(0)} %`,
]);
process.stdout.write(markdownTable(['Contender', 'median events/s', 'range', 'share'], rows));

/** The rows in a table, keyed or not. */
function inserted(key: 'none' | 'id'): number {
  const script = join(import.meta.dirname, 'post/insert.ts');
  return Number(execFileSync(process.execPath, [script, database, key, String(lines)]).toString());
}

/** The events over HTTP. */
async function posted(connections: number): Promise<number> {
  await using server = await startServer(daybook('serve', '-c', settings, '--port', '0'));
  const script = join(import.meta.dirname, 'post/load.ts');
  const words = [script, server.url, String(connections), String(lines)];
  return Number(execFileSync(process.execPath, words).toString());
}
