import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, digestOf, EVERY_FIELD, rejectBehind } from './commits.ts';
import { contentOf, eventsOf, minutesOf } from './store-content.ts';
import {
  MINUTE,
  type OpenedStore,
  type OpenStore,
  overtaken,
  ROWS,
  totals,
} from './store-suite-data.ts';

/** Of `storeSuite`, how an input goes on and is replaced. */
export function inputsOfStore(opened: OpenStore): void {
  describe('an input', () => {
    test('goes on where its last stretch ended, and nowhere else', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2)));
      const before = await contentOf(use.store);
      for (const from of [0, 10, 30])
        await assert.rejects(use.store.commit(commitOf(ROWS, { input, from })), overtaken);
      await assert.rejects(use.store.commit(commitOf(ROWS, { input: input + 1000 })), overtaken);
      assert.deepEqual(await contentOf(use.store), before);
      await use.store.commit(commitOf(ROWS.slice(2), { input, from: 20, name: 'b.csv' }));
      const [stored] = await use.store.inputs('events');
      assert.equal(stored!.name, 'b.csv');
      assert.deepEqual([stored!.position, stored!.counted], [50, 5]);
    });

    test('gives its last record without its end back when it goes on', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2)));
      const decoder = 'before';
      const [torn, whole] = [
        { time: 61_000, subject: 'rest', id: 'torn', value: 7n },
        { time: 61_000, subject: 'all', id: 'torn', value: 3n },
      ];
      await use.store.commit(commitOf([torn], { input, from: 20, isRest: true, decoder }));
      const [stored] = await use.store.inputs('events');
      assert.deepEqual([stored!.position, stored!.settled.position, stored!.counted], [30, 20, 3]);
      const late = commitOf([whole], { input, from: 30 });
      await assert.rejects(use.store.commit(late), overtaken);
      await use.store.commit(commitOf([whole, { ...whole, id: '' }], { input, from: 20 }));
      const query = { stream: 'events', from: 60_000, to: 120_000, subjects: ['rest', 'all'] };
      const counted = { subject: 'all', type: '', start: MINUTE, count: 2 };
      const values = { sum: '6', min: '3', max: '3' };
      assert.deepEqual(await minutesOf(use.store, query), [{ ...counted, values }]);
    });

    test('gives it back also where events of its time are forgotten, but not the record', async () => {
      const minutesAt = ({ store }: OpenedStore) =>
        minutesOf(store, { stream: 'events', ...EVERYTHING });
      for (const isLate of [false, true]) {
        await using use = await opened();
        const rows = [1, 9].map((minute) => ({ time: minute * MINUTE, subject: 'ant' }));
        const { input } = await use.store.commit(commitOf(rows));
        const torn = [{ time: MINUTE, subject: 'a', id: 'torn', value: 500n }];
        const commitTorn = () =>
          use.store.commit(commitOf(torn, { input, from: 20, isRest: true }));
        if (!isLate) await commitTorn();
        assert.equal(await use.store.prune('events', 5 * MINUTE), 1);
        if (isLate) await commitTorn();
        assert.equal(await use.store.prune('events', 5 * MINUTE), 0);
        assert.equal((await use.store.input(input)).settled.position, 20);
        const whole = [{ time: MINUTE, subject: 'ant', id: 'torn', value: 3n }];
        const { counted } = await use.store.commit(commitOf(whole, { input, from: 20 }));
        assert.equal(counted, 1);
        assert.deepEqual(await minutesAt(use), [
          { ...{ subject: 'ant', type: '', start: 9 * MINUTE, count: 1 }, values: totals('0') },
          {
            ...{ subject: 'ant', type: '', start: MINUTE, count: 2 },
            values: { sum: '3', min: '0', max: '3' },
          },
        ]);
      }
    });

    test('gives it back also where somebody in it is erased', async () => {
      await using use = await opened();
      const torn = { time: MINUTE, subject: 'ant', id: 'torn' };
      const { input } = await use.store.commit(commitOf([torn], { isRest: true }));
      assert.equal(await use.store.erase('ant'), 1);
      const whole = { ...torn, subject: 'antelope' };
      assert.equal((await use.store.commit(commitOf([whole], { input }))).counted, 1);
      const { counted, settled } = await use.store.input(input);
      assert.deepEqual([counted, settled.position], [1, 10]);
    });

    test('that takes the place of another keeps the ids that are free until it is finished', async () => {
      await using use = await opened();
      const row = (id: string) => ({ time: MINUTE, subject: 'ant', id });
      const ids = ['one', 'two', 'three'];
      const { input: old } = await use.store.commit(commitOf(ids.map(row)));
      const { input: other } = await use.store.commit(commitOf(ids.map(row), { name: 'b.csv' }));
      const replacing = { replaces: [old], isReplacing: true };
      const { input } = await use.store.commit(commitOf([row('one')], replacing));
      assert.equal((await use.store.input(other)).counted, 0);
      assert.equal((await use.store.input(input)).isReplacing, true);
      const second = await use.store.commit(commitOf([row('two')], { input, from: 10 }));
      assert.equal(second.counted, 1);
      await use.store.finish(input);
      assert.equal((await use.store.input(input)).isReplacing, undefined);
      assert.equal((await use.store.input(other)).counted, 1);
      // So they are where what kept them is replaced, or withdrawn.
      const again = await use.store.commit(commitOf([], { replaces: [input], isReplacing: true }));
      const last = await use.store.commit(
        commitOf([row('one')], { replaces: [again.input], isReplacing: true }),
      );
      assert.equal((await use.store.input(other)).counted, 1);
      await use.store.withdraw(last.input);
      assert.equal((await use.store.input(other)).counted, 3);
    });

    test('ranks by its first time, then by its content, not by when it came', async () => {
      await using use = await opened();
      const orders = [
        ['none', []],
        ['late', [{ time: 5, subject: 'a' }]],
        ['b', [{ time: 3, subject: 'a' }]],
        ['a', [{ time: 3, subject: 'a' }]],
      ] as const;
      for (const [name, rows] of orders)
        await use.store.commit(commitOf(rows, { name, digest: digestOf(name) }));
      const inputs = await use.store.inputs('events');
      const alike = ['a', 'b'].sort((x, y) => (digestOf(x) < digestOf(y) ? -1 : 1));
      assert.deepEqual(
        inputs.map(({ name }) => name),
        [...alike, 'late', 'none'],
      );
    });

    test('takes the place of another in one step', async () => {
      await using use = await opened();
      const { input: other } = await use.store.commit(commitOf([{ time: 59_999, subject: 'ant' }]));
      const { input: old } = await use.store.commit(
        commitOf(ROWS, { rejects: [rejectBehind(ROWS.length)] }),
      );
      const { input, counted } = await use.store.commit(commitOf(ROWS, { replaces: [old] }));
      assert.equal(counted, ROWS.length);
      assert.ok(input > old, 'ids are not used again');
      const ids = (await use.store.inputs('events')).map(({ id }) => id);
      assert.deepEqual(
        ids.sort((a, b) => a - b),
        [other, input],
      );
      assert.deepEqual(await use.store.segments(old), []);
      await assert.rejects(use.store.commit(commitOf(ROWS, { replaces: [old] })), overtaken);
      assert.equal((await use.store.inputs('events')).length, 2);
    });

    test('is withdrawn without a trace', async () => {
      await using use = await opened();
      await use.store.commit(commitOf([{ time: 59_999, subject: 'ant', value: 3n }]));
      const before = await contentOf(use.store);
      const { input } = await use.store.commit(
        commitOf(ROWS, { rejects: [rejectBehind(ROWS.length)] }),
      );
      const [segment] = await use.store.segments(input);
      await use.store.withdraw(input);
      await use.store.withdraw(input);
      assert.deepEqual(await contentOf(use.store), before);
      await assert.rejects(eventsOf(use.store, EVERY_FIELD, segment!.id), {
        code: 'STORE_UNUSABLE',
        message: 'another process took back what was to be read; run again',
      });
    });

    test('that is counted besides another is unfinished until it is finished', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS, { isUnfinished: true }));
      await use.store.commit(commitOf([], { input, from: 50 }));
      assert.equal((await use.store.inputs('events'))[0]!.isUnfinished, true);
      await use.store.finish(input);
      await use.store.finish(input + 1000);
      assert.equal((await use.store.input(input)).isUnfinished, undefined);
    });

    test('has the name that it was given last', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS));
      const before = await use.store.input(input);
      await use.store.rename(input, 'b\0.csv');
      await use.store.rename(input + 1000, 'c.csv');
      assert.deepEqual(await use.store.input(input), { ...before, name: 'b\0.csv' });
    });

    test('that is new is refused where another came meanwhile', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 1), { latest: 0 }));
      await assert.rejects(use.store.commit(commitOf(ROWS.slice(1), { latest: 0 })), overtaken);
      await use.store.commit(commitOf(ROWS.slice(1), { latest: input }));
      assert.equal((await use.store.inputs('events')).length, 2);
    });
  });
}
