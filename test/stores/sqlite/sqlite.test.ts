import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../../src/core/event-batch.ts';
import type { Keep, Stream } from '../../../src/core/store.ts';
import { EVERYTHING } from '../../../src/core/time-range.ts';
import { memory } from '../../../src/stores/memory/memory.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import {
  commitOf,
  EVERY_FIELD,
  ROW_BYTES,
  rejectBehind,
  type TestRow,
} from '../../support/commits.ts';
import { newFolder } from '../../support/live.ts';
import { contentOf, minutesOf } from '../../support/store-content.ts';
import { arbitrarySteps, take } from '../../support/store-steps.ts';
import { storeSuite } from '../../support/store-suite.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 40);

const PLAIN_EVENTS: Stream = {
  ...{ name: 'plain', format: 'csv', options: {}, fields: ['type', 'value'] },
};

/** Events of a few subjects, some ids of which come again. */
function rowsFrom(first: number, count: number): TestRow[] {
  return Array.from({ length: count }, (_, i) => ({
    time: (first + i) * 9_000,
    ...{ subject: `ant ${(first + i) % 5}`, type: 'login', value: BigInt(first), scale: i % 3 },
    id: i % 4 === 0 ? '' : `${(first + i) % 400}`,
  }));
}

describe('sqlite', () => {
  storeSuite(async (keep) => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-store-'));
    const path = join(folder, 'daybook.db');
    const store = sqlite({ path, keep });
    return {
      store,
      again: () => sqlite({ path, readOnly: true }),
      async [Symbol.asyncDispose]() {
        await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  });

  test('leaves the minutes behind a prune where an older Daybook has added up a last record in front of it', async () => {
    using folder = newFolder();
    const path = folder.at('store.db');
    const [day, minute] = [86_400_000, 60_000];
    const before = sqlite({ path });
    await before.addStream(EVERY_FIELD);
    const later = [2, 7].map((at) => ({ time: 2 * day + at * minute, subject: 'ant' }));
    await before.commit(commitOf(later));
    await before.prune('events', 2 * day + 5 * minute);
    const { input } = await before.commit(commitOf([{ time: 0, subject: 'bee' }]));
    await before.prune('events', 0);
    await before.close();
    const db = new DatabaseSync(path);
    db.exec(`UPDATE segments SET is_rest = 1 WHERE input = ${input}`); // as it was kept before
    db.close();
    const store = sqlite({ path });
    await store.commit(commitOf([{ time: 0, subject: 'bee' }], { input }));
    const minutes = store.minutes({ stream: 'events', subjects: ['ant'], ...EVERYTHING });
    const starts = (await Array.fromAsync(minutes)).flat().map(({ start }) => start);
    assert.deepEqual(
      starts,
      later.map(({ time }) => time),
    );
    await store.close();
  });

  test('has no files beside it once nobody uses it, also where who closes it last only read', async () => {
    using folder = newFolder();
    const path = folder.at('store #1?.db');
    const store = sqlite({ path });
    await store.addStream(EVERY_FIELD);
    const reader = sqlite({ path, readOnly: true });
    assert.equal((await reader.streams()).length, 1);
    await store.commit(commitOf([{ time: 1, subject: 'ant' }]));
    await assert.rejects(reader.commit(commitOf([])));
    await store.close();
    assert.ok(existsSync(`${path}-wal`));
    await reader.close();
    assert.deepEqual(readdirSync(dirname(path)), [basename(path)]);
    const later = sqlite({ path, readOnly: true });
    assert.equal((await later.inputs('events')).length, 1);
    await later.close();
    assert.deepEqual(readdirSync(dirname(path)), [basename(path)]);
  });

  test('does not read chunks that do not have the host that is asked for', async () => {
    const store = sqlite({ path: ':memory:' });
    await store.addStream(EVERY_FIELD);
    const rows = Array.from({ length: 9000 }, (_, i) => ({
      ...{ time: i, subject: 'ant', object: i === 5000 ? 'rare' : 'bee' },
    }));
    const { input } = await store.commit(commitOf(rows));
    const [segment] = await store.segments(input);
    for (const [host, chunks] of Object.entries({ ant: 3, rare: 1, nobody: 0 })) {
      let read = 0;
      const batches = store.events(segment!.id, new EventBatch(), { ...EVERYTHING, host });
      for await (const batch of batches) read += batch.length;
      assert.equal(read, Math.min(chunks * 4096, 9000));
    }
    await store.close();
  });

  test('takes a last record without its end back that an older Daybook has added up, also behind a prune', async () => {
    using folder = newFolder();
    const path = folder.at('store.db');
    const [day, minute] = [86_400_000, 60_000];
    const torn = { time: day, subject: 'ant', value: 500n, id: 'torn' };
    const before = sqlite({ path });
    await before.addStream(EVERY_FIELD);
    const { input } = await before.commit(commitOf([{ time: day + minute, subject: 'ant' }]));
    await before.commit(commitOf([torn], { input, from: 10 }));
    await before.prune('events', 0);
    await before.close();
    const db = new DatabaseSync(path);
    db.exec('UPDATE segments SET is_rest = 1 WHERE from_byte = 10'); // as it was kept before
    db.close();
    const store = sqlite({ path });
    assert.equal(await store.prune('events', day + 2 * minute), 1);
    const totals = async () =>
      (await Array.fromAsync(store.minutes({ stream: 'events', ...EVERYTHING })))
        .flat()
        .map(({ start, count, values }) => [start - day, count, values!.max]);
    const both = (value: bigint) => [
      [0, 1, value],
      [minute, 1, 0n],
    ];
    assert.deepEqual((await totals()).sort(), both(500n));
    await store.commit(commitOf([{ ...torn, value: 5n }], { input, from: 10 }));
    assert.deepEqual((await totals()).sort(), both(5n));
    await store.close();
  });

  test('makes few stretches of many small ones, and holds the same', async () => {
    const size = fc.oneof(fc.nat(3), fc.nat(80));
    const part = fc.record({
      size,
      isRest: fc.boolean(),
      reject: fc.boolean(),
      isPruned: fc.boolean(),
    });
    const parts = fc.array(part, { minLength: 20, maxLength: 70 });
    const property = fc.asyncProperty(
      parts,
      fc.constantFrom<Keep>('events', 'rollups'),
      async (all, keep) => {
        const stores = [sqlite({ path: ':memory:', keep }), memory({ keep })];
        for (const store of stores) {
          await store.addStream(EVERY_FIELD);
          const { input } = await store.commit(commitOf([]));
          await store.commit(commitOf(rowsFrom(7, 90), { name: 'other' }));
          let from = 0;
          for (const { size, reject, isPruned, ...one } of all) {
            const isRest = one.isRest && keep === 'events';
            const rejects = reject ? [rejectBehind(size, from)] : [];
            const commit = { input, from, rejects, isRest, blank: 0 };
            await store.commit(commitOf(rowsFrom(from / ROW_BYTES, size), commit));
            if (!isRest) from += (size + rejects.length) * ROW_BYTES;
            if (isPruned && size === 3 && keep === 'events') await store.prune('events', 60_000);
          }
        }
        const [one, memories] = await Promise.all(stores.map(contentOf));
        assert.deepEqual(one, memories);
        const [input] = (await stores[0]!.inputs('events')).sort((a, b) => a.id - b.id);
        const { length } = await stores[0]!.segments(input!.id);
        assert.ok(length <= 28, `${length} of ${all.length}`);
        await stores[0]!.close();
      },
    );
    await fc.assert(property, { numRuns: RUNS / 5 });
  });

  test('adds up the minutes of many events, and holds the same', async () => {
    const stores = [sqlite({ path: ':memory:' }), memory({})];
    for (const store of stores) {
      await store.addStream(PLAIN_EVENTS);
      for (const [name, count] of Object.entries({ a: 9000, b: 20, c: 9000, d: 30_000, e: 40 })) {
        const rows = Array.from({ length: count }, (_, i) => ({
          ...{ time: i * 20_000, subject: `ant ${i % 7}`, type: `type ${i % 2}`, value: BigInt(i) },
        }));
        await store.commit(
          commitOf(rows, { ...{ stream: 'plain', name }, fields: PLAIN_EVENTS.fields }),
        );
      }
    }
    const [one, other] = await Promise.all(stores.map(contentOf));
    assert.deepEqual(one, other);
    const query = { stream: 'plain', subject: 'ant 3', type: 'type 1', from: 3_600_000 };
    const hours = await Promise.all(
      stores.map(async (store) => {
        const counts = new Float64Array(100);
        await store.addHours(query, counts);
        return counts;
      }),
    );
    assert.deepEqual(hours[0], hours[1]);
    assert.ok(hours[0]!.every((count) => count > 0));
    await stores[0]!.close();
  });

  test('has no hours left of a subject that is erased, also where they are added up', async () => {
    const store = sqlite({ path: ':memory:' });
    await store.addStream(EVERY_FIELD);
    await store.commit(commitOf(rowsFrom(0, 20)));
    await store.prune('events', -(2 ** 53)); // Adds the minutes up that wait.
    const hours = async () => {
      const counts = new Float64Array(1);
      await store.addHours({ stream: 'events', subject: 'ant 0', from: 0 }, counts);
      return counts[0]!;
    };
    assert.ok((await hours()) > 0);
    await store.erase('ant 0');
    assert.equal(await hours(), 0);
    await store.close();
  });

  test('tells of any range what waits in small commits', async () => {
    const time = fc.integer({ min: -4 * 3_600_000, max: 4 * 3_600_000 });
    const commits = fc.array(fc.array(time, { minLength: 1, maxLength: 4 }), { maxLength: 8 });
    const property = fc.asyncProperty(
      commits,
      time,
      time,
      fc.nat(6),
      async (times, from, to, hours) => {
        const stores = [sqlite({ path: ':memory:' }), memory({})];
        const first = Math.floor(from / 3_600_000) * 3_600_000;
        const told = stores.map(async (store) => {
          await store.addStream(EVERY_FIELD);
          for (const [i, some] of times.entries()) {
            const rows = some.map((at) => ({ time: at, subject: `ant ${at % 2}` }));
            await store.commit(commitOf(rows, { name: `log ${i}` }));
          }
          const counts = new Float64Array(hours);
          await store.addHours({ stream: 'events', subject: 'ant 0', from: first }, counts);
          return [counts, await minutesOf(store, { stream: 'events', from, to })];
        });
        const [one, other] = await Promise.all(told);
        assert.deepEqual(one, other);
        await stores[0]!.close();
      },
    );
    await fc.assert(property, { numRuns: 2 * RUNS });
  });

  test('tells minutes of one version, whatever another connection adds up meanwhile', async () => {
    using folder = newFolder();
    const [store, asked] = [0, 1].map(() => sqlite({ path: folder.at('store.db') }));
    const commit = (subject: string, count: number) =>
      store!.commit(commitOf(Array.from({ length: count }, (_, time) => ({ time, subject }))));
    await store!.addStream(EVERY_FIELD);
    await commit('ant', 20_000); // is added up at once
    await commit('ant', 3); // waits
    let total = 0;
    const query = { stream: 'events', subjects: ['ant'], ...EVERYTHING };
    for await (const portion of asked!.minutes(query)) {
      if (total === 0) await commit('bee', 16_383); // has all that waits added up
      for (const { count } of portion) total += count;
    }
    assert.equal(total, 20_003);
    await Promise.all([store!.close(), asked!.close()]);
  });

  test('holds what a store in memory holds, whatever is done to both', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySteps(),
        fc.constantFrom<Keep>('events', 'rollups'),
        fc.boolean(),
        async (steps, keep, eventsOnly) => {
          const stores = [sqlite({ path: ':memory:', keep }), memory({ keep })];
          for (const store of stores)
            await store.addStream({ ...EVERY_FIELD, ...(eventsOnly && { eventsOnly }) });
          for (const [index, step] of steps.entries()) {
            const [one, other] = await Promise.all(stores.map((store) => take(store, step, index)));
            assert.deepEqual(one, other);
          }
          const [one, other] = await Promise.all(stores.map(contentOf));
          assert.deepEqual(one, other);
          await stores[0]!.close();
        },
      ),
      { numRuns: RUNS },
    );
  });
});
