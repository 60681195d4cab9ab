/**
 * Ingests files into a store, to be killed: `node ingest-child.ts STORE STREAM[:HOW…] POINT FILE…`.
 *
 * HOW is `again`, `replace`, `rollups` (what the store keeps), `grow`, which ingests a copy of the first FILE line by line, or
 * `prune-TIME`, which forgets events instead.
 * It writes a line when it begins. At the so-many-th write to the database it kills itself; with 0 it is left to others.
 */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { sqlite } from '../../src/stores/sqlite/sqlite.ts';
import { ingested, ingestedAsItGrows, STREAMS } from './ingested.ts';

const [path, stream, point, ...files] = process.argv.slice(2);
let writes = 0;

/** Kills this process where its turn has come: before a write on odd counts, behind it on even ones. */
function strike(): void {
  if (++writes === Number(point)) process.kill(process.pid, 'SIGKILL');
}

for (const [owner, name] of [
  [DatabaseSync.prototype, 'exec'],
  [StatementSync.prototype, 'run'],
] as const) {
  const original = Reflect.get(owner, name) as (...words: unknown[]) => unknown;
  Reflect.set(owner, name, function (this: unknown, ...words: unknown[]) {
    strike();
    const result = original.apply(this, words);
    strike();
    return result;
  });
}

process.stdout.write('begun\n');
const [name, ...how] = stream!.split(':');
const is = (word: string) => how.includes(word);
const store = sqlite({ path: path!, keep: is('rollups') ? 'rollups' : 'events' });
const own = STREAMS[name as keyof typeof STREAMS];
const before = how.find((word) => word.startsWith('prune-'))?.slice('prune-'.length);
if (is('grow')) await ingestedAsItGrows(store, own, files[0]!);
else if (before === undefined)
  await ingested(store, own, files, { again: is('again'), replace: is('replace') });
else await store.prune(own.name, Number(before));
await store.close();
process.stdout.write(`${writes} writes\n`);
