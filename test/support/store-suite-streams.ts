import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventBatch } from '../../src/core/event-batch.ts';
import { readingOf, type Stream } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, EVERY_FIELD, listOf, ROW_BYTES, rejectBehind } from './commits.ts';
import { aroundOf, contentOf, eventsOf, minutesOf } from './store-content.ts';
import { MINUTE, type OpenStore, overtaken, PLAIN, ROWS } from './store-suite-data.ts';

/** Of `storeSuite`, how streams are made and told apart, and what a store of rollups has. */
export function streamsOfStore(opened: OpenStore): void {
  describe('its streams', () => {
    test('are as they were made last while they had no inputs', async () => {
      await using use = await opened();
      const other: Stream = { ...PLAIN, name: 'events', options: { timeUnit: 's' } };
      await use.store.addStream(PLAIN);
      await use.store.addStream(other);
      assert.deepEqual(await use.store.streams(), [other, PLAIN]);
      const fields = other.fields;
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2), { fields }));
      await use.store.addStream(EVERY_FIELD);
      assert.deepEqual(await use.store.streams(), [other, PLAIN]);
      await use.store.withdraw(input);
      await use.store.addStream(EVERY_FIELD);
      assert.deepEqual(await use.store.streams(), [EVERY_FIELD, PLAIN]);
    });

    test('refuse what was read in another way than they are now', async () => {
      await using use = await opened();
      const reading = readingOf(EVERY_FIELD);
      await use.store.commit(commitOf(ROWS.slice(0, 2), { reading }));
      const before = await contentOf(use.store);
      for (const other of [{ fields: PLAIN.fields }, { options: {} }, { format: 'ndjson' }]) {
        const stream = { ...EVERY_FIELD, ...other };
        const commit = commitOf(ROWS, { fields: stream.fields, reading: readingOf(stream) });
        await assert.rejects(use.store.commit(commit), overtaken);
      }
      assert.deepEqual(await contentOf(use.store), before);
    });

    test('that are of events only have minutes where nothing else is kept', async () => {
      for (const keep of ['events', 'rollups'] as const) {
        await using use = await opened(keep);
        await use.store.addStream(PLAIN);
        const commit = commitOf(ROWS.slice(0, 2), {
          ...{ stream: 'plain', fields: PLAIN.fields, rejects: [rejectBehind(2)] },
        });
        const { input } = await use.store.commit(commit);
        const [segment] = await use.store.segments(input);
        const events = listOf(PLAIN.fields, [{ time: 5, subject: 'bee' }], 20);
        await use.store.amend({ ...PLAIN, eventsOnly: false }, { segment: segment!.id, events });
        assert.deepEqual((await use.store.streams())[1], PLAIN);
        const query = { stream: 'plain', ...EVERYTHING };
        const counts = async () => (await minutesOf(use.store, query)).length;
        assert.equal(await counts(), keep === 'rollups' ? 3 : 0);
        if (keep === 'rollups') continue;
        const around = () => aroundOf(use.store, PLAIN, query).then(({ length }) => length);
        assert.equal(await around(), 3);
        assert.equal(await use.store.prune('plain', MINUTE), 2);
        assert.deepEqual([await around(), await counts()], [1, 0]);
        const late = commitOf([{ time: 2 * MINUTE, subject: 'late' }], {
          ...{ stream: 'plain', fields: PLAIN.fields },
        });
        await use.store.withdraw((await use.store.commit(late)).input);
        assert.deepEqual([await around(), await counts()], [1, 0]);
      }
    });

    test('that are missing are told', async () => {
      await using use = await opened();
      const query = { stream: 'constructor', ...EVERYTHING };
      const told = { code: 'USAGE', message: 'the store has no source constructor' };
      await assert.rejects(use.store.inputs('constructor'), told);
      await assert.rejects(use.store.commit(commitOf(ROWS, { stream: 'constructor' })), told);
      await assert.rejects(Array.fromAsync(use.store.minutes(query)), told);
      await assert.rejects(Array.fromAsync(use.store.around(query, new EventBatch())), told);
    });

    test('are apart', async () => {
      await using use = await opened();
      await use.store.addStream({ ...EVERY_FIELD, name: 'others' });
      await use.store.commit(commitOf(ROWS));
      const found = await use.store.commit(commitOf(ROWS, { stream: 'others' }));
      assert.equal(found.counted, ROWS.length);
      assert.equal((await use.store.inputs('others')).length, 1);
      const query = { stream: 'others', from: 60_000, to: 120_000 };
      assert.equal((await minutesOf(use.store, query)).length, 2);
      assert.equal((await aroundOf(use.store, EVERY_FIELD, query)).length, 2);
    });
  });

  describe('that keeps rollups only', () => {
    test('has minutes, ids and books, but no events', async () => {
      await using use = await opened('rollups');
      assert.equal(use.store.keep, 'rollups');
      const { input } = await use.store.commit(commitOf(ROWS));
      const again = await use.store.commit(commitOf(ROWS, { name: 'b.csv' }));
      assert.deepEqual([again.counted, again.duplicate], [1, 4]);
      const [segment] = await use.store.segments(input);
      assert.equal(segment!.counted, 5);
      assert.deepEqual(await eventsOf(use.store, EVERY_FIELD, segment!.id), []);
      const query = { stream: 'events', from: MINUTE, to: 2 * MINUTE };
      assert.deepEqual(await aroundOf(use.store, EVERY_FIELD, query), []);
      assert.equal((await minutesOf(use.store, query)).length, 2);
    });

    test('counts what a reject becomes, however many stretches there are', async () => {
      await using use = await opened('rollups');
      const { input } = await use.store.commit(commitOf([], { rejects: [rejectBehind(0)] }));
      for (let from = ROW_BYTES; from < 9 * ROW_BYTES; from += ROW_BYTES)
        await use.store.commit(commitOf([], { input, from, rejects: [rejectBehind(0, from)] }));
      const [segment] = await use.store.segments(input);
      const events = listOf(EVERY_FIELD.fields, ROWS.slice(0, 1));
      await use.store.amend(EVERY_FIELD, { segment: segment!.id, events });
      assert.equal((await minutesOf(use.store, { stream: 'events', ...EVERYTHING })).length, 1);
    });

    test('cannot take anything back', async () => {
      await using use = await opened('rollups');
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2), { isRest: true }));
      const before = await contentOf(use.store);
      const told = { code: 'USAGE', message: /^what was counted cannot be withdrawn/ };
      await assert.rejects(use.store.commit(commitOf(ROWS, { replaces: [input] })), told);
      await assert.rejects(use.store.commit(commitOf(ROWS, { input })), told);
      await assert.rejects(use.store.withdraw(input), told);
      assert.deepEqual(await contentOf(use.store), before);
    });
  });
}
