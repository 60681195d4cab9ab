import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, EVERY_FIELD, rejectBehind } from './commits.ts';
import { contentOf, eventsOf, minutesOf } from './store-content.ts';
import { eventOf, type OpenStore, ROWS, totals, UUID } from './store-suite-data.ts';

/** Of `storeSuite`, what is there of a commit. */
export function commitsOfStore(opened: OpenStore): void {
  describe('a commit', () => {
    test('is there as it was given', async () => {
      await using use = await opened();
      assert.equal(await use.store.lastTime('events'), undefined);
      const rejects = [rejectBehind(ROWS.length, 0, 'a\0"\ufffd')];
      const decoder = { day: 3, names: ['__proto__'] };
      const commit = commitOf(ROWS, { rejects, decoder, blank: 2, lines: 8 });
      const { input, ...books } = await use.store.commit(commit);
      assert.deepEqual(books, { counted: 5, duplicate: 0, conflict: 0 });
      const end = { position: 60, digest: commit.digest };
      const stored = {
        ...{ id: input, name: 'a.csv', ...end, head: commit.head, settled: end, decoder },
        ...{ lines: 8, blank: 2, counted: 5, duplicate: 0, conflict: 0, rejected: { time: 1 } },
        ...{ firstTime: -(2 ** 53), lastTime: 2 ** 53 },
      };
      assert.deepEqual(await use.store.inputs('events'), [stored]);
      assert.equal(await use.store.lastTime('events'), 2 ** 53);
      const [segment] = await use.store.segments(input);
      const { id, ...rest } = segment!;
      assert.deepEqual(rest, {
        ...{ from: 0, to: 60, lines: 8, blank: 2, counted: 5, duplicate: 0, conflict: 0 },
        rejected: { time: 1 },
        forgotten: 0,
      });
      assert.deepEqual(await Array.fromAsync(use.store.rejects(id)), rejects);
      assert.deepEqual(await eventsOf(use.store, EVERY_FIELD, id), [
        eventOf({ time: 61_000, subject: 'ant', type: 'login', value: '125/2', id: 'one' }, 0),
        eventOf(
          { time: 59_999, subject: 'constructor', object: '__proto__', kind: 1, id: UUID },
          1,
        ),
        eventOf(
          { time: 2 ** 53, subject: '', value: '9223372036854775807/18', id: UUID.toUpperCase() },
          2,
        ),
        eventOf(
          {
            ...{ time: -(2 ** 53), subject: 'a\0b', value: '-9223372036854775808/0', id: 'x\0y' },
            data: '{"Ã©":1}',
          },
          3,
        ),
        eventOf({ time: 61_001, subject: 'ÿþ', type: 'login', value: '-5/1' }, 4),
      ]);
    });

    test('is there as a whole when the store is opened again', async () => {
      await using use = await opened();
      await use.store.commit(commitOf(ROWS, { rejects: [rejectBehind(ROWS.length)] }));
      const content = await contentOf(use.store);
      await use.store.close();
      await use.store.close();
      if (use.again === undefined) return;
      const again = use.again();
      assert.deepEqual(await contentOf(again), content);
      await again.close();
    });

    test('that fails in its middle leaves nothing, and another one can follow', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2), { isRest: true }));
      const before = await contentOf(use.store);
      const decoder = {
        toJSON() {
          throw new Error('in the middle');
        },
      };
      for (const commit of [
        commitOf(ROWS.slice(2), { input, decoder }),
        commitOf([{ time: 1, subject: 'new' }], { decoder, replaces: [input] }),
      ])
        await assert.rejects(use.store.commit(commit), /in the middle/);
      assert.deepEqual(await contentOf(use.store), before);
      // Names that were given and taken back are given anew.
      await use.store.commit(commitOf([{ time: 1, subject: 'newer' }], { input }));
      const query = { stream: 'events', ...EVERYTHING };
      const minute = { subject: 'newer', type: '', start: 0, count: 1, values: totals('0') };
      assert.deepEqual(await minutesOf(use.store, query), [minute]);
    });

    test('may be without events, and of many', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf([], { lines: 0 }));
      const rows = Array.from({ length: 10_000 }, (_, i) => ({
        ...{ time: i * 7, subject: `host-${i % 5000}`, id: `${i}` },
      }));
      const { counted } = await use.store.commit(commitOf(rows, { input }));
      assert.equal(counted, 10_000);
      const [first, second] = await use.store.segments(input);
      assert.deepEqual(await eventsOf(use.store, EVERY_FIELD, first!.id), []);
      const found = await eventsOf(use.store, EVERY_FIELD, second!.id);
      assert.deepEqual(
        found.map(({ time, subject, id, line }) => ({ time, subject, id, line })),
        rows.map((row, i) => ({ ...row, line: i + 1 })),
      );
    });
  });
}
