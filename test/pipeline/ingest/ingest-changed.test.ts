import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, writeFileSync } from 'node:fs';
import { describe, mock, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Input } from '../../../src/core/source.ts';
import { memory } from '../../../src/stores/memory/memory.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { ingested, jobOf, LOG, STREAMS, streamContentOf, told } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';

const SOURCE = STREAMS.connections;

describe('ingest', () => {
  test('refuses what was changed, and counts all others', async () => {
    using folder = newFolder();
    const store = memory({});
    const [a, b] = [folder.at('a.log'), folder.at('b.log')];
    writeFileSync(a, LOG);
    await ingested(store, SOURCE, [a]);
    const before = await streamContentOf(store, SOURCE);
    for (const changed of [
      `9${LOG}`,
      LOG.slice(0, -1),
      LOG.slice(0, 100),
      '',
      `${LOG.slice(0, -2)}x\n`,
    ]) {
      writeFileSync(a, changed);
      assert.deepEqual((await ingested(store, SOURCE, [a])).map(told), [['refused', a, 0]]);
      assert.deepEqual(await streamContentOf(store, SOURCE), before);
    }
    writeFileSync(b, '5 x y\n');
    assert.deepEqual((await ingested(store, SOURCE, [a, b])).map(told), [
      ['new', undefined, 1],
      ['refused', a, 0], // the last, since it might have got its name from another
    ]);
  });

  test('counts what was changed anew instead, or besides, as told', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
    const changed = LOG.replace('ant', 'bee');
    const fresh = memory({});
    writeFileSync(path, changed);
    await ingested(fresh, SOURCE, [path]);
    const store = memory({});
    writeFileSync(path, LOG);
    await ingested(store, SOURCE, [path]);
    writeFileSync(path, changed);
    const [replaced] = await ingested(store, SOURCE, [path], { replace: true });
    assert.deepEqual(told(replaced!), ['replaced', path, 2000]);
    assert.deepEqual(await streamContentOf(store, SOURCE), await streamContentOf(fresh, SOURCE));
    assert.equal((await ingested(store, SOURCE, [path]))[0]!.kind, 'known');
    writeFileSync(path, LOG);
    const [besides] = await ingested(store, SOURCE, [path], { again: true });
    assert.deepEqual(told(besides!), ['again', path, 2000]);
    const [again] = await ingested(store, SOURCE, [path], { again: true });
    assert.deepEqual(told(again!), ['again', path, 2000]);
    assert.equal((await store.inputs(SOURCE.name)).length, 3);
  });

  test('goes on with what has grown since counting it once more was stopped, as often as it is counted', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
    const [store, fresh] = [memory({}), memory({})];
    writeFileSync(path, `${LOG}5 x`); // the last record is a commit of its own
    await ingested(store, SOURCE, [path]);
    const commit = mock.method(store, 'commit');
    commit.mock.mockImplementationOnce(() => assert.fail('stopped'), 1);
    await assert.rejects(ingested(store, SOURCE, [path], { again: true }), /stopped/);
    appendFileSync(path, ' y\n6 x y\n');
    const found = await ingested(store, SOURCE, [path]);
    assert.deepEqual(found.map(told), [
      ['grown', path, 2],
      ['again', path, 2],
    ]);
    for (const again of [false, true]) await ingested(fresh, SOURCE, [path], { again });
    assert.deepEqual(await streamContentOf(store, SOURCE), await streamContentOf(fresh, SOURCE));
    assert.deepEqual((await ingested(store, SOURCE, [path])).map(told), [['known', path, 2002]]);
  });

  test('replaces all that was counted of what was changed, once and again and in part', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
    for (const make of [() => memory({}), () => sqlite({ path: ':memory:' })]) {
      const store = make();
      writeFileSync(path, LOG);
      await ingested(store, SOURCE, [path]);
      await ingested(store, SOURCE, [path], { again: true });
      mock.method(store, 'finish', () => Promise.reject(new Error('killed')));
      await assert.rejects(ingested(store, SOURCE, [path], { again: true }), /killed/);
      mock.restoreAll();
      writeFileSync(path, '5 x y\n');
      const [refused] = await ingested(store, SOURCE, [path]);
      assert.equal(refused!.kind, 'refused');
      const [replaced] = await ingested(store, SOURCE, [path], { replace: true });
      assert.equal(replaced!.kind, 'replaced');
      const counts = (await store.inputs(SOURCE.name)).map(({ counted }) => counted);
      assert.deepEqual(counts, [1]);
      await store.close();
    }
  });

  test('counts an id from another input when the one that counted it is replaced', async () => {
    using folder = newFolder();
    const [a, b] = [folder.at('a.csv'), folder.at('b.csv')];
    const rows = ['x,in,one,60000\n', 'x,in,two,120000\n', 'y,in,two,180000\n'] as const;
    for (const make of [() => memory({}), () => sqlite({ path: ':memory:' })]) {
      const store = make();
      writeFileSync(a, rows[0] + rows[1]);
      writeFileSync(b, rows[1] + rows[2]);
      await ingested(store, STREAMS.ids, [a, b]);
      writeFileSync(a, rows[0]);
      await ingested(store, STREAMS.ids, [a, b], { replace: true });
      const fresh = memory({});
      await ingested(fresh, STREAMS.ids, [a, b]);
      assert.deepEqual(
        await streamContentOf(store, STREAMS.ids),
        await streamContentOf(fresh, STREAMS.ids),
      );
    }
  });

  test('keeps the ids of what is replaced by several parts, and leaves those to others that it has not', async () => {
    const row = (i: number) => `ant,in,id-${i},${i * 1000}\n`;
    const junk = `${'x'.repeat(2 << 20)}\n`.repeat(9);
    using folder = newFolder();
    const files = ['a.csv', 'b.csv'].map((name) => folder.at(name));
    for (const [i, ids] of [
      [0, 1, 2, 3],
      [1, 2, 3, 4],
    ].entries())
      writeFileSync(files[i]!, ids.map(row).join(''));
    const [store, fresh] = [memory({}), memory({})];
    await ingested(store, STREAMS.ids, files);
    writeFileSync(files[0]!, `${row(0)}${junk}${row(2)}${row(1)}`);
    const [, replaced] = await ingested(store, STREAMS.ids, files, { replace: true });
    assert.deepEqual([replaced!.kind, replaced!.books.counted], ['replaced', 3]);
    await ingested(fresh, STREAMS.ids, files);
    const contents = await Promise.all(
      [store, fresh].map((one) => streamContentOf(one, STREAMS.ids)),
    );
    assert.deepEqual(contents[0], contents[1]);
  });

  test('refuses what was changed though only a copy of it was found, or could be read, before', async () => {
    using folder = newFolder();
    const [a, b] = [folder.at('a'), folder.at('b')];
    writeFileSync(a, LOG);
    copyFileSync(a, b);
    for (const files of [[b], [a, b]]) {
      const store = memory({});
      await ingested(store, SOURCE, [a]);
      const unreadable = (input: Input) => {
        if (input.name === a) throw new DaybookError('SOURCE_UNREADABLE', 'no permission');
        return jobOf(SOURCE);
      };
      await ingested(store, SOURCE, files, { jobOf: unreadable });
      writeFileSync(a, LOG.slice(9));
      assert.deepEqual((await ingested(store, SOURCE, [a])).map(told), [['refused', a, 0]]);
      writeFileSync(a, LOG);
    }
  });

  test('takes back what is replaced by nothing', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
    const store = memory({});
    writeFileSync(path, LOG);
    await ingested(store, SOURCE, [path]);
    writeFileSync(path, '');
    const [found] = await ingested(store, SOURCE, [path], { replace: true });
    assert.deepEqual(told(found!), ['replaced', path, 0]);
    assert.deepEqual(await store.inputs(SOURCE.name), []);
  });
});
