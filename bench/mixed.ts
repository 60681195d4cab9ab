/**
 * Measures how soon `daybook serve` answers for a customer's hours while it takes events at half of the rate that it can, beside
 * how soon it does while it takes none: asked at a fixed rate, and as fast as it answers. And its memory meanwhile. Prints
 * Markdown tables.
 *
 * Usage: node mixed.ts [--lines NUMBER] [--queries A_SECOND] [--idle SECONDS] [--minutes NUMBER] [--data FOLDER]
 */
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkCounts } from './mixed/check-counts.ts';
import { loaded } from './mixed/loaded.ts';
import type { Figures } from './mixed/paced.ts';
import { BODY_EVENTS } from './post/events.ts';
import { daybook } from './support/daybook.ts';
import { eventStore } from './support/event-store.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { residentMemory } from './support/resident-memory.ts';
import { startServer } from './support/server.ts';
import { wholeNumber } from './support/whole-number.ts';

const FULL_SECONDS = 10;
const STRETCHES_A_MINUTE = 6;

/** Ten seconds of both loads, and the memory at their end. */
interface Stretch {
  readonly queries: Figures;
  readonly mib: number;
}

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '20000000' },
    queries: { type: 'string', default: '2000' },
    idle: { type: 'string', default: '30' },
    minutes: { type: 'string', default: '10' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
});
const lines = wholeNumber('--lines', values.lines);
const perSecond = wholeNumber('--queries', values.queries);
const idleSeconds = wholeNumber('--idle', values.idle);
const seconds = 60 * Number(values.minutes);
if (!(seconds > 0)) throw new Error(`--minutes is a number, not "${values.minutes}"`);
const { data } = values;

mkdirSync(data, { recursive: true });
const database = freshCopy(eventStore(data, { lines, disorderSeconds: 300 }), 'mixed.db');
const settings = join(data, 'mixed.yaml');
writeFileSync(settings, JSON.stringify({ store: { path: database } }));
const machine = describeMachine();
await using server = await startServer(daybook('serve', '-c', settings, '--port', '0'));
const { url, pid } = server;

const idle = await loaded(['queries.ts', url, perSecond, idleSeconds]);
tell('no events', idle, 'queries');
const idleMost = await loaded(['queries.ts', url, 'Infinity', idleSeconds]);
tell('no events', idleMost, 'queries');
const idleMib = residentMemory(pid).nowMib;
const full = await loaded(['posts.ts', url, 'Infinity', FULL_SECONDS, 0]);
tell('full rate', full, 'posts');
const half = full.perSecond / 2;
const stretches: Stretch[] = [];
const takings: Figures[] = [];
const [asked, taken] = await Promise.all([
  loaded(['queries.ts', url, perSecond, seconds], (queries) => {
    const mib = residentMemory(pid).nowMib;
    stretches.push({ queries, mib });
    tell(`both, ${mib.toFixed(0)} MiB`, queries, 'queries');
  }),
  loaded(['posts.ts', url, half, seconds, full.sent * BODY_EVENTS], (posts) => {
    takings.push(posts);
    tell('both', posts, 'posts');
  }),
]);
const { peakMib } = residentMemory(pid);
const sent = full.sent + taken.sent;
const [askedMost, takenMost] = await Promise.all([
  loaded(['queries.ts', url, 'Infinity', idleSeconds]),
  loaded(['posts.ts', url, half, idleSeconds, sent * BODY_EVENTS]),
]);
tell('both', askedMost, 'queries');
tell('both', takenMost, 'posts');

const events = BODY_EVENTS * (sent + takenMost.sent);
process.stdout.write(`${machine}. A store of ${thousands(lines)} events.

${delayTable()}
Events/s: ${eventsOf(full)} at full rate, ${thousands(half * BODY_EVENTS)} wanted then, ${eventsOf(taken)} reached at the fixed rate of queries, ${eventsOf(takenMost)} at their highest.
Memory at its highest: ${peakMib.toFixed(0)} MiB; ${idleMib.toFixed(0)} MiB after the queries without posts.

${minuteTable()}
`);
const loads = [idle, idleMost, full, asked, taken, askedMost, takenMost];
const failed = loads.reduce((sum, load) => sum + load.failed, 0);
if (failed > 0) throw new Error(`${failed} requests failed`);
await checkCounts(url, events);
process.stdout.write(
  `All ${thousands(events)} events that were posted are counted, each customer's once.\n`,
);

/** A copy of a store, which is changed, in the place of that of another run. */
function freshCopy(store: string, name: string): string {
  const copy = join(data, name);
  for (const end of ['', '-wal', '-shm']) rmSync(`${copy}${end}`, { force: true });
  for (const end of ['', '-wal'])
    if (existsSync(`${store}${end}`)) copyFileSync(`${store}${end}`, `${copy}${end}`);
  return copy;
}

function delayTable(): string {
  return markdownTable(
    ['Queries of `/hourly`', 'a second', 'p50 ms', 'p99 ms'],
    [
      figuresRow('at a fixed rate', idle),
      figuresRow('the same while it takes events', asked),
      ratioRow(idle, asked),
      figuresRow('as many as it answers', idleMost),
      figuresRow('the same while it takes events', askedMost),
      ratioRow(idleMost, askedMost),
    ],
  );
}

function figuresRow(name: string, { perSecond, p50Ms, p99Ms }: Figures): string[] {
  return [name, thousands(perSecond), p50Ms.toFixed(2), p99Ms.toFixed(2)];
}

function ratioRow(one: Figures, other: Figures): string[] {
  const ratios = [other.p50Ms / one.p50Ms, other.p99Ms / one.p99Ms];
  return ['ratio', '', ...ratios.map((ratio) => ratio.toFixed(2))];
}

/** A row for each minute, the last of which may be a part of one. */
function minuteTable(): string {
  const rows = [];
  for (let from = 0; from < stretches.length; from += STRETCHES_A_MINUTE) {
    const minute = stretches.slice(from, from + STRETCHES_A_MINUTE);
    const rates = takings.slice(from, from + STRETCHES_A_MINUTE).map((posts) => posts.perSecond);
    const p99s = minute.map(({ queries }) => queries.p99Ms);
    rows.push([
      `${Math.min(from / STRETCHES_A_MINUTE + 1, seconds / 60)}`,
      minute.at(-1)!.mib.toFixed(0),
      `${Math.min(...p99s).toFixed(2)}–${Math.max(...p99s).toFixed(2)}`,
      thousands((BODY_EVENTS * rates.reduce((sum, rate) => sum + rate, 0)) / rates.length),
    ]);
  }
  return markdownTable(['After minute', 'MiB', 'p99 ms of 10 s', 'events/s'], rows);
}

function tell(
  when: string,
  { perSecond, p50Ms, p99Ms, failed }: Figures,
  what: 'queries' | 'posts',
): void {
  const figures = `${perSecond.toFixed(0)} ${what}/s, p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`;
  process.stderr.write(`${when}: ${figures}${failed > 0 ? `, ${failed} failed` : ''}\n`);
}

function eventsOf(posts: Figures): string {
  return thousands(BODY_EVENTS * posts.perSecond);
}

function thousands(number: number): string {
  return Math.round(number).toLocaleString('en');
}
