/**
 * Measures how many requests for a customer's hours `daybook serve` answers a second, beside a fastify route that
 * returns a constant of the same size. Prints a Markdown table.
 *
 * Usage: node serve.ts [--lines NUMBER] [--rounds NUMBER] [--data FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daybook } from './support/daybook.ts';
import { eventStore } from './support/event-store.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { median } from './support/median.ts';
import { raceOptions } from './support/race-options.ts';
import { startServer } from './support/server.ts';

const SECONDS = 10;
const WARM_UP_SECONDS = 3;
/** Hours of a day that is over by far. */
const SAMPLE = '/hourly?customer_id=cust_1&start=2021-03-02T00:00Z&end=2021-03-03T00:00Z';

interface Load {
  readonly rate: number;
  readonly p99: number;
  readonly failed: number;
}

const { lines, rounds, data } = raceOptions(20_000_000);
mkdirSync(data, { recursive: true });
const database = eventStore(data, { lines, disorderSeconds: 300 });
const settings = join(data, 'serve.yaml');
writeFileSync(settings, JSON.stringify({ store: { path: database } }));
await using usage = await startServer(daybook('serve', '-c', settings, '--port', '0'));
const { length } = await (await fetch(usage.url + SAMPLE)).text();
const script = join(import.meta.dirname, 'serve/constant.ts');
await using constant = await startServer({
  program: process.execPath,
  args: [script, String(length)],
});
process.stdout.write(`${describeMachine()}, ${length} bytes an answer.\n\n`);
process.stdout.write(compare(constant.url, usage.url));

/** Takes turns, so that what else the machine does is the same for both. */
function compare(constant: string, own: string): string {
  const contenders = [
    { name: 'a constant of fastify', url: constant, loads: [] as Load[] },
    { name: '`/hourly` of a random customer and day', url: own, loads: [] as Load[] },
  ];
  for (const { url } of contenders) load(url, WARM_UP_SECONDS);
  for (let round = 0; round < rounds; round++)
    for (const { name, url, loads } of contenders) {
      const measured = load(url, SECONDS);
      if (measured.failed > 0) throw new Error(`${name}: ${measured.failed} requests failed`);
      loads.push(measured);
      process.stderr.write(`${round + 1}/${rounds} ${name}: ${measured.rate} requests/s\n`);
    }
  const base = median(contenders[0]!.loads.map(({ rate }) => rate));
  const rows = contenders.map(({ name, loads }) => {
    const rates = loads.map(({ rate }) => rate);
    const rate = median(rates);
    return [
      name,
      rate.toFixed(0),
      `${Math.min(...rates).toFixed(0)}–${Math.max(...rates).toFixed(0)}`,
      `${((100 * rate) / base).toFixed(0)} %`,
      median(loads.map(({ p99 }) => p99)).toFixed(1),
    ];
  });
  return markdownTable(['Route', 'median requests/s', 'range', 'share', 'p99 ms'], rows);
}

/** From a process of its own: what makes the load takes none of the server's time. */
function load(url: string, seconds: number): Load {
  const script = join(import.meta.dirname, 'serve/load.ts');
  return JSON.parse(execFileSync(process.execPath, [script, url, String(seconds)]).toString());
}
