/**
 * Measures how soon a store answers for a customer's 24 hours, in the process: of as many events in a month as in a
 * year. Prints a Markdown table.
 *
 * Usage: node hours.ts [--lines NUMBER] [--rounds NUMBER] [--data FOLDER]
 */
import { mkdirSync } from 'node:fs';
import { queries } from './hours/queries.ts';
import { eventStore } from './support/event-store.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { median } from './support/median.ts';
import { raceOptions } from './support/race-options.ts';

const SAMPLES = 2000;

const { lines, rounds, data } = raceOptions(20_000_000);
mkdirSync(data, { recursive: true });
const shape = { lines, disorderSeconds: 300 };
const stores = [
  { days: 30, database: eventStore(data, shape) },
  { days: 365, database: eventStore(data, { ...shape, days: 365 }) },
].map((store) => ({
  ...store,
  medians: [] as number[],
  slow: [] as number[],
}));
for (let round = 0; round < rounds; round++)
  for (const { days, database, medians, slow } of stores) {
    const times = await queries({ database, days, samples: SAMPLES });
    medians.push(times[SAMPLES / 2]!);
    slow.push(times[Math.floor(0.99 * SAMPLES)]!);
  }
const rows = stores.map(({ days, medians, slow }) => [
  `${lines / 1e6} million in ${days} days`,
  `${rounds * SAMPLES}`,
  median(medians).toFixed(3),
  median(slow).toFixed(3),
]);
process.stdout.write(`${describeMachine()}.\n\n`);
process.stdout.write(markdownTable(['Events', 'samples', 'median ms', '99th percentile ms'], rows));
