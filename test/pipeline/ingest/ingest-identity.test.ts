import assert from 'node:assert/strict';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { memory } from '../../../src/stores/memory/memory.ts';
import { ingested, LOG, STREAMS, told } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';

const SOURCE = STREAMS.connections;

describe('ingest', () => {
  test('recognises copies, renamed, compressed and within a run', async () => {
    using folder = newFolder();
    const store = memory({});
    const [path, ...copies] = ['a.log', 'b.log', 'c.gz', 'd.zst', 'e'].map((name) =>
      folder.at(name),
    );
    writeFileSync(path!, LOG);
    copyFileSync(path!, copies[0]!);
    writeFileSync(copies[1]!, gzipSync(LOG));
    writeFileSync(copies[2]!, zstdCompressSync(LOG));
    const found = await ingested(store, SOURCE, [path!, ...copies.slice(0, 3)]);
    assert.deepEqual(found.map(told), [
      ['new', undefined, 2000],
      ...copies.slice(0, 3).map(() => ['known', path, 2000]),
    ]);
    renameSync(path!, copies[3]!);
    assert.deepEqual((await ingested(store, SOURCE, [copies[3]!])).map(told), [
      ['known', path, 2000],
    ]);
    assert.equal((await store.inputs(SOURCE.name)).length, 1);
  });

  test('goes on with what is compressed or renamed', async () => {
    using folder = newFolder();
    const store = memory({});
    const ways = [
      ['a.log', (log: string) => log, 500],
      ['a.log.1.gz', gzipSync, 1000],
      ['a.log.2.zst', zstdCompressSync, 1500],
      ['b.log', (log: string) => log, 2000],
    ] as const;
    let before = 0;
    for (const [name, written, lines] of ways) {
      const path = folder.at(name);
      writeFileSync(path, written(LOG.split('\n').slice(0, lines).join('\n').concat('\n')));
      const [found] = await ingested(store, SOURCE, [path]);
      assert.deepEqual(
        [found!.kind, found!.books.counted],
        [before === 0 ? 'new' : 'grown', lines - before],
      );
      before = lines;
    }
    const inputs = await store.inputs(SOURCE.name);
    assert.deepEqual(
      inputs.map(({ counted, position }) => [counted, position]),
      [[2000, LOG.length]],
    );
  });

  test('tells logs apart that begin alike, and finds the longest beginning', async () => {
    using folder = newFolder();
    const store = memory({});
    const endings = ['', '5 x y\n', '6 x y\n', '5 x y\n7 x y\n'];
    const paths = endings.map((_, i) => folder.at(`${i}.log`));
    for (const [i, ending] of endings.entries()) writeFileSync(paths[i]!, LOG + ending);
    // The first one is the beginning of all others: it is that one, grown. Then the others begin otherwise.
    const found = await ingested(store, SOURCE, paths);
    assert.deepEqual(found.map(told), [
      ['new', undefined, 2000],
      ['grown', paths[0], 1],
      ['new', undefined, 2001],
      ['grown', paths[1], 1],
    ]);
  });

  test('calls inputs as they are called now, but none by the name of a copy', async () => {
    using folder = newFolder();
    const store = memory({});
    const [a, b] = [folder.at('a'), folder.at('b')];
    const [c, d] = [folder.at('c'), folder.at('d')];
    const namesAfter = async (files: string[], again = false) => {
      await ingested(store, SOURCE, files, { again });
      return (await store.inputs(SOURCE.name)).map(({ name }) => name);
    };
    writeFileSync(a, LOG);
    assert.deepEqual(await namesAfter([a]), [a]);
    copyFileSync(a, b);
    assert.deepEqual(await namesAfter([b, a]), [a]);
    renameSync(a, c);
    assert.deepEqual(await namesAfter([b, c]), [b]);
    assert.deepEqual(await namesAfter([c], true), [b, c]);
    assert.deepEqual(await namesAfter([b, c]), [b, c]);
    renameSync(b, a);
    renameSync(c, d);
    assert.deepEqual(await namesAfter([a, d]), [a, d]);
    // A new log has the name of the one that was rotated.
    renameSync(a, b);
    writeFileSync(a, '4 x y\n');
    assert.deepEqual(await namesAfter([a, b, d]), [a, b, d]);
  });

  test('calls an empty log and the one that was rotated as they are called now', async () => {
    using folder = newFolder();
    const store = memory({});
    const [a, b] = [folder.at('a'), folder.at('b')];
    writeFileSync(a, LOG);
    await ingested(store, SOURCE, [a]);
    renameSync(a, b);
    writeFileSync(a, '');
    await ingested(store, SOURCE, [a, b]);
    assert.deepEqual(
      (await store.inputs(SOURCE.name)).map(({ name }) => name),
      [b],
    );
  });
});
