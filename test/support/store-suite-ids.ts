import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FATE } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, EVERY_FIELD, listOf, ROW_BYTES, rejectBehind, type TestRow } from './commits.ts';
import { aroundOf, contentOf, eventsOf, minutesOf } from './store-content.ts';
import { type OpenStore, ROWS, UUID } from './store-suite-data.ts';

/** Of `storeSuite`, what becomes of ids and of subjects that are erased. */
export function idsOfStore(opened: OpenStore): void {
  describe('an id', () => {
    const row: TestRow = { time: 5, subject: 'ant', type: 'login', value: 7n, scale: 1, id: UUID };

    test('counts once, within a commit and in all others', async () => {
      await using use = await opened();
      const odd = ['é', '\0', 'x'.repeat(5000), UUID.toUpperCase(), `${UUID} `, '\x01', '0'];
      const rows = [row, ...odd.map((id) => ({ ...row, id }))];
      const first = await use.store.commit(commitOf([...rows, ...rows]));
      const isSecond = Uint8Array.from({ length: 16 }, (_, i) => Number(i >= 8));
      const books = { counted: 8, duplicate: 8, conflict: 0, fates: isSecond };
      assert.deepEqual(first, { input: first.input, ...books });
      const second = await use.store.commit(commitOf(rows.toReversed(), { name: 'b.csv' }));
      const { fates, ...none } = second;
      assert.deepEqual(none, { input: second.input, counted: 0, duplicate: 8, conflict: 0 });
      assert.deepEqual(fates, new Uint8Array(8).fill(FATE.duplicate));
      const [segment] = await use.store.segments(first.input);
      const lines = (await eventsOf(use.store, EVERY_FIELD, segment!.id)).map(({ line }) => line);
      assert.deepEqual(lines, [1, 2, 3, 4, 5, 6, 7, 8]);
    });

    test('stays with what takes the place of what counted it, whoever else has it', async () => {
      const [old, now] = [{ ...row, value: 1n }, row];
      for (const isRest of [true, false])
        for (const other of [{ ...row, value: 500n }, now, old]) {
          await using use = await opened();
          const { input } = await use.store.commit(commitOf([old], { isRest }));
          const { input: others } = await use.store.commit(commitOf([other], { name: 'b.csv' }));
          const place = isRest ? { input } : { replaces: [input] };
          const found = await use.store.commit(commitOf([now], place));
          assert.deepEqual([found.counted, found.conflict], [1, 0]);
          const { counted, duplicate, conflict } = await use.store.input(others);
          const same = Number(other === now);
          assert.deepEqual([counted, duplicate, conflict], [0, same, 1 - same]);
          // When that is gone, too, the other one counts at last.
          await use.store.withdraw(found.input);
          assert.equal((await use.store.input(others)).counted, 1);
        }
    });

    test('that is empty is none', async () => {
      await using use = await opened();
      const { id: _id, ...nameless } = row;
      const { counted } = await use.store.commit(commitOf([nameless, nameless]));
      assert.equal(counted, 2);
    });

    test('with another content is a conflict, which is listed', async () => {
      await using use = await opened();
      const changes: readonly Partial<TestRow>[] = [
        ...[{ time: 6 }, { time: 5 + 2 ** 32 }, { time: -5 }, { subject: 'bee' }],
        ...[{ type: 'logout' }, { value: 7n + 2n ** 32n }, { value: -7n }, { scale: 2 }],
        { data: '1' },
      ];
      await use.store.commit(commitOf([row]));
      const others = changes.map((change) => ({ ...row, ...change }));
      const rejects = [rejectBehind(others.length, 10)];
      const commit = commitOf(others, { name: 'b.csv', from: 0, rejects });
      const found = await use.store.commit(commit);
      const fates = new Uint8Array(9).fill(FATE.conflict);
      assert.deepEqual(found, { input: found.input, counted: 0, duplicate: 0, conflict: 9, fates });
      const [segment] = await use.store.segments(found.input);
      const listed = await Array.fromAsync(use.store.rejects(segment!.id));
      assert.deepEqual(listed, [
        ...others.map((_, i) => ({ line: i + 1, offset: i * 10, reason: 'conflict', text: UUID })),
        ...rejects,
      ]);
    });

    test('without a time of its own is compared without the one that it was given', async () => {
      await using use = await opened();
      const kept = async (time: number, type: string, isTimed: boolean) => {
        const untimed = isTimed ? undefined : new Set([0]);
        const { counted, duplicate } = await use.store.commit(
          commitOf([{ ...row, time, type }], { name: `${time}`, untimed }),
        );
        return counted > 0 ? 'counted' : duplicate > 0 ? 'duplicate' : 'conflict';
      };
      assert.equal(await kept(5, 'login', false), 'counted');
      assert.equal(await kept(6, 'login', false), 'duplicate');
      assert.equal(await kept(5, 'login', true), 'conflict');
      assert.equal(await kept(7, 'logout', false), 'conflict');
    });

    test('in conflict keeps a commit from being kept that is to be whole', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf([row]));
      const before = await contentOf(use.store);
      const [same, other, fresh] = [row, { ...row, time: 6 }, { ...row, id: 'fresh' }];
      const commit = commitOf([same, other, fresh], { input, from: ROW_BYTES, isWhole: true });
      await assert.rejects(use.store.commit(commit), { fates: Uint8Array.of(1, 2, 0) });
      assert.deepEqual(await contentOf(use.store), before);
      const whole = commitOf([same, fresh], { input, from: ROW_BYTES, isWhole: true });
      assert.equal((await use.store.commit(whole)).counted, 1);
    });

    test('is free again when what counted it is withdrawn', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf([row]));
      const { counted } = await use.store.commit(
        commitOf([{ ...row, time: 9 }], { replaces: [input] }),
      );
      assert.equal(counted, 1);
    });
  });

  describe('a subject that is erased', () => {
    test('is gone, and the books balance', async () => {
      await using use = await opened();
      const rows: readonly TestRow[] = [
        { time: 1, subject: 'ant', type: 'bee', id: 'one', data: '1' },
        { time: 2, subject: 'bee', type: 'login', id: 'two' },
        { time: 61_000, subject: 'ant', id: 'three' },
        { time: 3, subject: 'bee', object: 'ant', id: 'four' },
      ];
      const texts = ['an ant,x', 'antelope', 'bee'];
      const rejects = texts.map((text, i) => rejectBehind(rows.length + i, 0, text));
      const { input } = await use.store.commit(commitOf(rows, { rejects }));
      const other = { time: 9, subject: 'ant', id: 'one' };
      await use.store.commit(commitOf([other], { name: 'b.csv' }));
      assert.equal(await use.store.erase('ant'), 2);
      assert.equal(await use.store.erase('ant'), 0);
      assert.equal(await use.store.erase('nobody'), 0);
      const [segment] = await use.store.segments(input);
      assert.deepEqual([segment!.counted, segment!.forgotten], [4, 2]);
      const events = await eventsOf(use.store, EVERY_FIELD, segment!.id);
      assert.deepEqual(
        events.map(({ subject, object, position }) => [subject, object, position]),
        [
          ['bee', '', 10],
          ['bee', 'ant', 30],
        ],
      );
      const minutes = await minutesOf(use.store, { stream: 'events', ...EVERYTHING });
      assert.deepEqual(
        minutes.map((minute) => (minute as { subject: string }).subject),
        ['bee', 'bee'],
      );
      const inputs = await use.store.inputs('events');
      const segments = await Promise.all(inputs.map(({ id }) => use.store.segments(id)));
      const listed = segments.flat().map(({ id }) => Array.fromAsync(use.store.rejects(id)));
      assert.deepEqual(
        (await Promise.all(listed))
          .flat()
          .map(({ text }) => text)
          .sort(),
        ['', '', 'antelope', 'bee'],
      );
      const again = await use.store.commit(commitOf(rows, { name: 'c.csv' }));
      assert.deepEqual([again.counted, again.duplicate], [2, 2]);
    });

    test('does not come back by what did not count, and sets no ids of others free', async () => {
      await using use = await opened();
      const commit = (...rows: readonly TestRow[]) => use.store.commit(commitOf(rows));
      const { input } = await commit({ time: 1, subject: 'bee', id: 'one' });
      await commit({ time: 2, subject: 'ant', id: 'two' });
      const both = [
        { time: 3, subject: 'ant', id: 'one' },
        { time: 4, subject: 'bee', id: 'two' },
      ];
      assert.equal((await commit(...both)).conflict, 2);
      assert.equal(await use.store.erase('ant'), 1);
      await use.store.withdraw(input);
      const query = { stream: 'events', ...EVERYTHING };
      assert.deepEqual(await aroundOf(use.store, EVERY_FIELD, query), []);
      assert.deepEqual(await minutesOf(use.store, query), []);
    });

    test('is gone also where it came out of a reject, and others keep their names', async () => {
      await using use = await opened();
      const rows = ['ant', 'bee'].map((subject, time) => ({ time, subject }));
      const rejects = [0, 1].map((i) => rejectBehind(2 + i));
      const { input } = await use.store.commit(commitOf(rows, { rejects }));
      const [segment] = await use.store.segments(input);
      const events = listOf(EVERY_FIELD.fields, rows, 20);
      await use.store.amend(EVERY_FIELD, { segment: segment!.id, events });
      assert.equal(await use.store.erase('ant'), 2);
      const left = await eventsOf(use.store, EVERY_FIELD, segment!.id);
      assert.deepEqual(
        left.map(({ subject, position }) => [subject, position]),
        [
          ['bee', 10],
          ['bee', 30],
        ],
      );
    });

    test('leaves inputs in their order and with their times', async () => {
      await using use = await opened();
      const rows = ['ant', 'bee', 'ant'].map((subject, time) => ({ time, subject }));
      await use.store.commit(commitOf(rows));
      await use.store.commit(commitOf([{ time: 1, subject: 'bee' }], { name: 'b.csv' }));
      const before = await use.store.inputs('events');
      await use.store.erase('ant');
      assert.deepEqual(await use.store.inputs('events'), before);
      assert.deepEqual(
        before.map(({ firstTime, lastTime }) => [firstTime, lastTime]),
        [
          [0, 2],
          [1, 1],
        ],
      );
    });

    test('keeps what it was counted of from being withdrawn', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2)));
      await use.store.erase('ant');
      const message = 'what was counted cannot be withdrawn: some of its events are erased';
      await assert.rejects(use.store.withdraw(input), { code: 'USAGE', message });
    });
  });
}
