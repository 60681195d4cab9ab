import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Store } from '../../../src/core/store.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { ingested, ingestedAsItGrows, STREAMS } from '../../support/ingested.ts';
import { assertSound, ran } from '../../support/killed-ingest.ts';
import { newFolder } from '../../support/live.ts';
import { contentOf } from '../../support/store-content.ts';

/** In CI it is killed at some of its writes; at all in the long form. */
const IS_LONG = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 5) >= 40;
const MOST_KILLS = 6;
const MINUTE = 60_000;

/** What is killed, and how somebody goes on with it. */
interface Victim {
  readonly folder: ReturnType<typeof newFolder>;
  /** A store to begin with; a new one unless given. */
  readonly known?: string;
  /** The stream and what to do with it, as the child is told. */
  readonly work: string;
  readonly files: readonly string[];
  readonly keep?: Store['keep'];
  readonly goOn: (store: Store) => Promise<unknown>;
}

/** Kills the work at its writes, one by one: when somebody went on, the store is the one that an unharmed run leaves. */
async function assertWhole({ folder, known, work, files, keep, goOn }: Victim): Promise<void> {
  const begin = (name: string): string => {
    const path = folder.at(`${name}.db`);
    for (const file of files) rmSync(`${file}.copy`, { force: true });
    if (known !== undefined) copyFileSync(known, path);
    return path;
  };
  const contentAt = async (path: string) => {
    const store = sqlite({ path, keep });
    try {
      return await contentOf(store);
    } finally {
      await store.close();
    }
  };
  const unharmed = begin('unharmed');
  const [told, code] = await ran([unharmed, work, '0', ...files]);
  assert.equal(code, 0);
  const expected = await contentAt(unharmed);
  if (known !== undefined) assert.notDeepEqual(expected, await contentAt(known));
  const writes = Number(/(\d+) writes/.exec(told)![1]);
  const step = IS_LONG ? 1 : Math.ceil(writes / MOST_KILLS);
  for (let point = 1; point <= writes; point += step) {
    const path = begin(`${point}`);
    const [, , signal] = await ran([path, work, `${point}`, ...files]);
    assert.equal(signal, 'SIGKILL');
    assertSound(path);
    const store = sqlite({ path, keep });
    await goOn(store);
    await store.close();
    assert.deepEqual(await contentAt(path), expected, `killed at write ${point}`);
  }
}

/** Counts files into a new store. */
async function storeWith(
  path: string,
  stream: (typeof STREAMS)[keyof typeof STREAMS],
  files: readonly string[],
): Promise<string> {
  const store = sqlite({ path });
  await ingested(store, stream, files);
  await store.close();
  return path;
}

describe('killed at any write and gone on with,', () => {
  test('an ingest that replaces leaves to others the ids that are free', async () => {
    const rowOf = (i: number) => `ant,in,id-${i},${i * MINUTE}\n`;
    const rows = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => rowOf(from + i)).join('');
    using folder = newFolder({ 'a.csv': rows(0, 30), 'b.csv': rows(20, 40) });
    const files = ['a.csv', 'b.csv'].map((name) => folder.at(name));
    const known = await storeWith(folder.at('known.db'), STREAMS.ids, files);
    // In two parts, since most lines are too long.
    const junk = `${'x'.repeat(2 << 20)}\n`.repeat(9);
    writeFileSync(files[0]!, `${rows(5, 22)}${junk}${rows(22, 25)}${rowOf(50).slice(0, -1)}`);
    const goOn = (store: Store) => ingested(store, STREAMS.ids, files, { replace: true });
    await assertWhole({ folder, known, work: 'ids:replace', files, goOn });
  });

  test('an ingest into a store of rollups counts every record once', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `ant,in,${i}.5,${i * 20_000}\n`).join('');
    using folder = newFolder({ 'a.csv': `junk\n${rows}`, 'b.csv': rows.slice(0, -9) });
    const files = ['a.csv', 'b.csv'].map((name) => folder.at(name));
    const goOn = (store: Store) => ingested(store, STREAMS.csv, files);
    await assertWhole({ folder, work: 'csv:rollups', files, keep: 'rollups', goOn });
  });

  test('an ingest of a compressed log in several parts counts every record once', async () => {
    // Most lines are too long.
    const junk = `${'x'.repeat(2 << 20)}\n`;
    const piece = `5 ant bee\n${junk.repeat(9)}6 bee ant\n`;
    using folder = newFolder({ 'a.log.gz': gzipSync(`${piece.repeat(2)}7 ant ant`) });
    const files = [folder.at('a.log.gz')];
    const goOn = (store: Store) => ingested(store, STREAMS.connections, files);
    await assertWhole({ folder, work: 'connections', files, goOn });
  });

  test('an ingest of what grows line by line counts every record once', async () => {
    const row = (i: number) => `ant ${i % 3},in,id-${i % 17},${i * 10_000}\n`;
    const rows = Array.from({ length: 20 }, (_, i) => row(i)).join('');
    using folder = newFolder({ 'a.csv': `${rows}junk\n${row(30).slice(0, -1)}` });
    const file = folder.at('a.csv');
    const goOn = (store: Store) => ingestedAsItGrows(store, STREAMS.ids, file);
    await assertWhole({ folder, work: 'ids:grow', files: [file], goOn });
  });

  test('a prune forgets the same events', async () => {
    const row = (i: number) => `ant,in,id-${i % 70},${i * 10_000}\n`;
    using folder = newFolder({ 'a.csv': Array.from({ length: 90 }, (_, i) => row(i)).join('') });
    const files = [folder.at('a.csv')];
    const known = await storeWith(folder.at('known.db'), STREAMS.ids, files);
    const before = 5 * MINUTE;
    const goOn = (store: Store) => store.prune(STREAMS.ids.name, before);
    await assertWhole({ folder, known, work: `ids:prune-${before}`, files: [], goOn });
  });
});
