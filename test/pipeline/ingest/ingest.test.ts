import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, mock, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Commit, Store } from '../../../src/core/store.ts';
import { memory } from '../../../src/stores/memory/memory.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { ingested, LOG, STREAMS, streamContentOf } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';
import { arbitraryLogText, type LogKind } from '../../support/log-texts.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 8);
const KINDS = Object.keys(STREAMS) as LogKind[];
const SOURCE = STREAMS.connections;

describe('ingest', () => {
  for (const kind of KINDS)
    for (const keep of ['events', 'rollups'] as const)
      test(`of ${kind} that grow counts what is new only (${keep})`, async () => {
        using folder = newFolder();
        const path = folder.at('growing.log');
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
    using folder = newFolder();
    const path = folder.at('a.csv');
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
    using folder = newFolder();
    const [a, b] = [folder.at('a.csv'), folder.at('b.csv')];
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
    using folder = newFolder();
    const names = ['a.log', 'b.log', 'c.log'];
    const logs = fc.tuple(...names.map(() => arbitraryLogText('csv', 10)));
    const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
    await fc.assert(
      fc.asyncProperty(logs, order, fc.boolean(), async (texts, indexes, oneByOne) => {
        const paths = names.map((name) => folder.at(name));
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

  test('of rollups holds a last record back that has no end, and cannot replace', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
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
    using folder = newFolder();
    const [whole, torn, more] = ['a.log', 'b.log.gz', 'c.log'].map((name) => folder.at(name));
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
    using folder = newFolder();
    const paths = ['a.log', 'b.log'].map((name) => folder.at(name));
    for (const path of paths) writeFileSync(path, `${path} ${LOG}`);
    const store = memory({});
    const full = new DaybookError('STORE_UNUSABLE', 'the disk is full');
    const commit = mock.method(store, 'commit', () => Promise.reject(full));
    await assert.rejects(ingested(store, SOURCE, paths), full);
    assert.equal(commit.mock.callCount(), 1);
  });

  test('refuses a source that was read in another way', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
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
    using folder = newFolder();
    const path = folder.at('a.log');
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
    using folder = newFolder();
    const path = folder.at('a.log');
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
    using folder = newFolder();
    const path = folder.at('a.csv');
    const row = (id: string = randomUUID()) => `ant,in,${id},60000\n`;
    const store = memory({});
    writeFileSync(path, row() + row().replace('ant', '"ant\nbee"').slice(0, -1));
    await ingested(store, STREAMS.ids, [path]);
    appendFileSync(path, `\n${row()}${row()}${row('abc')}`);
    const [{ ids }] = (await ingested(store, STREAMS.ids, [path])) as [Found];
    assert.equal(ids!.note?.['line'], 6);
  });

  test('counts a line that is too long once, however it grows', async () => {
    using folder = newFolder();
    const path = folder.at('a.log');
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

function begins(text: Buffer, beginning: Buffer): boolean {
  return text.subarray(0, beginning.length).equals(beginning);
}
