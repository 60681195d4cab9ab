import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, mock, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Input } from '../../../src/core/source.ts';
import type { Commit, Store } from '../../../src/core/store.ts';
import { memory } from '../../../src/stores/memory/memory.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { ingested, jobOf, STREAMS, streamContentOf } from '../../support/ingested.ts';
import { arbitraryLogText, type LogKind } from '../../support/log-texts.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 8);
const KINDS = Object.keys(STREAMS) as LogKind[];
const LOG = Array.from(
  { length: 2000 },
  (_, i) => `${1_600_000_000_000 + i * 999} ant ${['bee', 'cat'][i % 2]}\n`,
).join('');
const SOURCE = STREAMS.connections;

describe('ingest', () => {
  for (const kind of KINDS)
    for (const keep of ['events', 'rollups'] as const)
      test(`of ${kind} that grow counts what is new only (${keep})`, async () => {
        using folder = temporary();
        const path = folder.path('growing.log');
        const steps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
        await fc.assert(
          fc.asyncProperty(arbitraryLogText(kind), steps, async (bytes, shares) => {
            const stream = STREAMS[kind];
            const store = memory({ keep });
            for (const share of [...shares.toSorted((a, b) => a - b), 1, 1]) {
              writeFileSync(path, bytes.subarray(0, Math.floor(share * bytes.length)));
              const [{ kind: found }] = (await ingested(store, stream, [path])) as [Found];
              assert.ok(['new', 'grown', 'known'].includes(found), found);
              const atOnce = memory({ keep });
              await ingested(atOnce, stream, [path]);
              assert.deepEqual(
                await streamContentOf(store, stream),
                await streamContentOf(atOnce, stream),
              );
            }
          }),
          { numRuns: RUNS },
        );
      });

  test('of a last row without its end finds it behind a byte order mark, also where it spans lines', async () => {
    using folder = temporary();
    const path = folder.path('a.csv');
    const row = '\uFEFF"ant\nbee",login,1,1614600000000';
    const reasons = [];
    for (const text of [row, `${row}\n`]) {
      writeFileSync(path, text);
      const [{ books }] = (await ingested(memory({ keep: 'events' }), STREAMS.csv, [path])) as [
        Found,
      ];
      reasons.push(books.rejected);
    }
    assert.deepEqual(reasons, [{ subject: 1 }, { subject: 1 }]);
  });

  test('of a last record without its end is as if it had come with its end', async () => {
    using folder = temporary();
    const [a, b] = [folder.path('a.csv'), folder.path('b.csv')];
    const row = fc
      .tuple(fc.nat(3), fc.constantFrom(1, 12, 123))
      .map(([id, time]) => `ant,in,${id},${time}\n`);
    const log = fc.array(row, { minLength: 1, maxLength: 5 }).map((rows) => rows.join(''));
    await fc.assert(
      fc.asyncProperty(log, log, fc.nat(), async (whole, other, cut) => {
        const digits = whole.length - 1 - (whole.lastIndexOf(',') + 1);
        const torn = whole.slice(0, -1 - (cut % digits));
        const contents = [];
        for (const first of [torn, whole]) {
          const store = sqlite({ path: ':memory:' });
          writeFileSync(a, first);
          writeFileSync(b, `bee,in,b,1\n${other}`); // begins otherwise: it is never taken for the first one
          await ingested(store, STREAMS.ids, [a]);
          await ingested(store, STREAMS.ids, [b]);
          writeFileSync(a, whole);
          await ingested(store, STREAMS.ids, [a, b]);
          contents.push(await streamContentOf(store, STREAMS.ids));
          await store.close();
        }
        assert.deepEqual(contents[0], contents[1]);
      }),
      { numRuns: 10 * RUNS },
    );
  });

  test('of a file in any order with others has the same content', async () => {
    using folder = temporary();
    const names = ['a.log', 'b.log', 'c.log'];
    const logs = fc.tuple(...names.map(() => arbitraryLogText('csv', 10)));
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    await fc.assert(
      fc.asyncProperty(logs, order, fc.boolean(), async (texts, indexes, oneByOne) => {
        const paths = names.map((name) => folder.path(name));
        for (const [i, path] of paths.entries()) writeFileSync(path, texts[i]!);
        const [store, other] = [memory({}), memory({})];
        await ingested(store, STREAMS.csv, paths);
        const shuffled = indexes.map((i) => paths[i]!);
        for (const some of oneByOne ? shuffled.map((path) => [path]) : [shuffled])
          await ingested(other, STREAMS.csv, some);
        fc.pre(texts.every((text, i) => !texts.some((one, j) => i !== j && begins(one, text))));
        assert.deepEqual(
          await streamContentOf(other, STREAMS.csv),
          await streamContentOf(store, STREAMS.csv),
        );
      }),
      { numRuns: RUNS },
    );
  });

  test('recognises copies, renamed, compressed and within a run', async () => {
    using folder = temporary();
    const store = memory({});
    const [path, ...copies] = ['a.log', 'b.log', 'c.gz', 'd.zst', 'e'].map(folder.path);
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
    using folder = temporary();
    const store = memory({});
    const ways = [
      ['a.log', (log: string) => log, 500],
      ['a.log.1.gz', gzipSync, 1000],
      ['a.log.2.zst', zstdCompressSync, 1500],
      ['b.log', (log: string) => log, 2000],
    ] as const;
    let before = 0;
    for (const [name, written, lines] of ways) {
      const path = folder.path(name);
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
    using folder = temporary();
    const store = memory({});
    const endings = ['', '5 x y\n', '6 x y\n', '5 x y\n7 x y\n'];
    const paths = endings.map((_, i) => folder.path(`${i}.log`));
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

  test('refuses what was changed, and counts all others', async () => {
    using folder = temporary();
    const store = memory({});
    const [a, b] = [folder.path('a.log'), folder.path('b.log')];
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
    using folder = temporary();
    const path = folder.path('a.log');
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
    using folder = temporary();
    const path = folder.path('a.log');
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
    using folder = temporary();
    const path = folder.path('a.log');
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
    using folder = temporary();
    const [a, b] = [folder.path('a.csv'), folder.path('b.csv')];
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
    using folder = temporary();
    const files = ['a.csv', 'b.csv'].map((name) => folder.path(name));
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

  test('calls inputs as they are called now, but none by the name of a copy', async () => {
    using folder = temporary();
    const store = memory({});
    const [a, b] = [folder.path('a'), folder.path('b')];
    const [c, d] = [folder.path('c'), folder.path('d')];
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

  test('refuses what was changed though only a copy of it was found, or could be read, before', async () => {
    using folder = temporary();
    const [a, b] = [folder.path('a'), folder.path('b')];
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

  test('calls an empty log and the one that was rotated as they are called now', async () => {
    using folder = temporary();
    const store = memory({});
    const [a, b] = [folder.path('a'), folder.path('b')];
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

  test('takes back what is replaced by nothing', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    const store = memory({});
    writeFileSync(path, LOG);
    await ingested(store, SOURCE, [path]);
    writeFileSync(path, '');
    const [found] = await ingested(store, SOURCE, [path], { replace: true });
    assert.deepEqual(told(found!), ['replaced', path, 0]);
    assert.deepEqual(await store.inputs(SOURCE.name), []);
  });

  test('of rollups holds a last record back that has no end, and cannot replace', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    const store = memory({ keep: 'rollups' });
    for (const [text, counted, heldBytes] of [
      ['5 x y\n7 x', 1, 3],
      ['5 x y\n6 x y', 0, 5], // written anew: nothing of it was counted
      ['5 x y\n6 x y\n', 1, 0],
    ] as const) {
      writeFileSync(path, text);
      const [found] = await ingested(store, SOURCE, [path]);
      assert.deepEqual([found!.books.counted, found!.heldBytes], [counted, heldBytes]);
    }
    for (const text of ['7 x y\n', '7 x y', '']) {
      writeFileSync(path, text);
      const [found] = await ingested(store, SOURCE, [path], { replace: true });
      assert.deepEqual([found!.kind, found!.failure?.code], ['failed', 'USAGE']);
    }
    assert.equal((await store.inputs(SOURCE.name))[0]!.counted, 2);
  });

  test('tells which input could not be read, and counts the others', async () => {
    using folder = temporary();
    const [whole, torn, more] = ['a.log', 'b.log.gz', 'c.log'].map((name) => folder.path(name));
    const packed = gzipSync(LOG);
    writeFileSync(whole!, LOG);
    writeFileSync(torn!, packed.subarray(0, packed.length - 9));
    writeFileSync(more!, `${LOG}5 x y\n`);
    const store = memory({});
    const found = await ingested(store, SOURCE, [torn!, more!, whole!]);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['failed', 'new', 'new'],
    );
    assert.equal(found[0]!.failure?.code, 'SOURCE_UNREADABLE');
    // With two that begin alike the longer one is known; the other one is not taken for it.
    const again = await ingested(store, SOURCE, [whole!, more!]);
    assert.deepEqual(
      again.map(({ kind }) => kind),
      ['known', 'known'],
    );
  });

  test('is stopped at once where the store fails', async () => {
    using folder = temporary();
    const paths = ['a.log', 'b.log'].map((name) => folder.path(name));
    for (const path of paths) writeFileSync(path, `${path} ${LOG}`);
    const store = memory({});
    const full = new DaybookError('STORE_UNUSABLE', 'the disk is full');
    const commit = mock.method(store, 'commit', () => Promise.reject(full));
    await assert.rejects(ingested(store, SOURCE, paths), full);
    assert.equal(commit.mock.callCount(), 1);
  });

  test('refuses a source that was read in another way', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    writeFileSync(path, LOG);
    const store = memory({});
    await ingested(store, SOURCE, [path]);
    const other = { ...SOURCE, options: { timeUnit: 's' } };
    await assert.rejects(ingested(store, other, [path]), {
      code: 'USAGE',
      message: /^the source connections was read with other settings/,
    });
  });

  test('reads a source otherwise of which nothing was read yet, but not what is read meanwhile', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    writeFileSync(path, LOG);
    for (const make of [() => memory({}), () => sqlite({ path: ':memory:' })]) {
      const store = make();
      const other = { ...STREAMS.csv, name: SOURCE.name };
      const commit = store.commit.bind(store);
      mock.method(store, 'commit', async (given: Commit) => {
        await store.addStream(other); // somebody who saw no inputs
        return commit(given);
      });
      const refused = { code: 'STORE_UNUSABLE', message: /^another process ingested/ };
      await assert.rejects(ingested(store, SOURCE, [path]), refused);
      mock.restoreAll();
      const [{ kind }] = (await ingested(store, SOURCE, [path])) as [Found];
      assert.equal(kind, 'new');
      assert.equal((await store.streams())[0]!.format, SOURCE.format);
      await store.close();
    }
  });

  test('refuses what another process counted meanwhile', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    writeFileSync(path, LOG);
    const store = memory({});
    await store.addStream(SOURCE);
    let isFirst = true;
    const slow = new Proxy(store, {
      get: (target, name: keyof Store) =>
        name === 'inputs' ? inputs : (target[name] as () => void).bind?.(target),
    });
    const inputs = async (stream: string) => {
      const found = await store.inputs(stream);
      if (isFirst) {
        isFirst = false;
        await ingested(store, SOURCE, [path]);
      }
      return found;
    };
    await assert.rejects(ingested(slow, SOURCE, [path]), { code: 'STORE_UNUSABLE' });
    assert.equal((await store.inputs(SOURCE.name)).length, 1);
    assert.equal((await ingested(slow, SOURCE, [path]))[0]!.kind, 'known');
  });

  test('tells in which line an odd id is, also behind a last record without its end that spans lines', async () => {
    using folder = temporary();
    const path = folder.path('a.csv');
    const row = (id: string = randomUUID()) => `ant,in,${id},60000\n`;
    const store = memory({});
    writeFileSync(path, row() + row().replace('ant', '"ant\nbee"').slice(0, -1));
    await ingested(store, STREAMS.ids, [path]);
    appendFileSync(path, `\n${row()}${row()}${row('abc')}`);
    const [{ ids }] = (await ingested(store, STREAMS.ids, [path])) as [Found];
    assert.equal(ids!.note?.['line'], 6);
  });

  test('counts a line that is too long once, however it grows', async () => {
    using folder = temporary();
    const path = folder.path('a.log');
    const text = `5 x y\n${'x'.repeat(3 << 20)}\n6 x y\n`;
    const store = memory({});
    for (const length of [
      10,
      1 << 19,
      (1 << 20) + 9,
      2 << 20,
      (3 << 20) + 6,
      (3 << 20) + 7,
      text.length,
    ]) {
      writeFileSync(path, text.slice(0, length));
      await ingested(store, SOURCE, [path]);
    }
    const once = memory({});
    await ingested(once, SOURCE, [path]);
    assert.deepEqual(await streamContentOf(store, SOURCE), await streamContentOf(once, SOURCE));
  });
});

type Found = Awaited<ReturnType<typeof ingested>>[number];

function told({ kind, knownAs, books }: Found): unknown[] {
  return [kind, knownAs, books.counted];
}

function begins(text: Buffer, beginning: Buffer): boolean {
  return text.subarray(0, beginning.length).equals(beginning);
}

function temporary(): Disposable & { path(name: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-ingest-'));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
