/**
 * Ingests files into a store, to be killed: `node ingest-child.ts STORE STREAM[:again] POINT FILE…`.
 *
 * It writes a line when it begins. At the so-many-th write to the database it kills itself; with 0 it is left to others.
 */
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { sqlite } from '../../src/stores/sqlite.ts';
import { ingested, STREAMS } from './ingested.ts';

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
const store = sqlite({ path: path! });
const [name, again] = stream!.split(':');
await ingested(store, STREAMS[name as keyof typeof STREAMS], files, { again: again === 'again' });
await store.close();
process.stdout.write(`${writes} writes\n`);
