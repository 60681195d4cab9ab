import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../src/core/event-batch.ts';
import { FATE, type Keep, readingOf, type Store, type Stream } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import {
  commitOf,
  digestOf,
  EVERY_FIELD,
  listOf,
  ROW_BYTES,
  rejectBehind,
  type TestRow,
} from './commits.ts';
import { aroundOf, contentOf, eventsOf, minutesOf } from './store-content.ts';

/** A store for a test, and how to open it once more where it outlasts the process. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: Store;
  again?(): Store;
}

const WITHDRAWALS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 20);
const MINUTE = 60_000;
const UUID = '0190c3f5-7c1e-7aaa-8bbb-0123456789ab';
const PLAIN: Stream = {
  ...{ name: 'plain', format: 'connection-log', options: {}, fields: ['object'] },
  eventsOnly: true,
};
const ROWS: readonly TestRow[] = [
  { time: 61_000, subject: 'ant', type: 'login', value: 125n, scale: 2, id: 'one' },
  { time: 59_999, subject: 'constructor', object: '__proto__', kind: 1, id: UUID },
  { time: 2 ** 53, subject: '', value: 2n ** 63n - 1n, scale: 18, id: UUID.toUpperCase() },
  { time: -(2 ** 53), subject: 'a\0b', value: -(2n ** 63n), id: 'x\0y', data: '{"é":1}' },
  { time: 61_001, subject: Buffer.from([0xff, 0xfe]), type: 'login', value: -5n, scale: 1 },
];

/** What every kind of store does. */
export function storeSuite(open: (keep: Keep) => Promise<OpenedStore>): void {
  const opened = async (keep: Keep = 'events') => {
    const use = await open(keep);
    await use.store.addStream(EVERY_FIELD);
    return use;
  };

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
        event({ time: 61_000, subject: 'ant', type: 'login', value: '125/2', id: 'one' }, 0),
        event({ time: 59_999, subject: 'constructor', object: '__proto__', kind: 1, id: UUID }, 1),
        event(
          { time: 2 ** 53, subject: '', value: '9223372036854775807/18', id: UUID.toUpperCase() },
          2,
        ),
        event(
          {
            ...{ time: -(2 ** 53), subject: 'a\0b', value: '-9223372036854775808/0', id: 'x\0y' },
            data: '{"Ã©":1}',
          },
          3,
        ),
        event({ time: 61_001, subject: 'ÿþ', type: 'login', value: '-5/1' }, 4),
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

    test('keeps what it was counted of from being withdrawn', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(commitOf(ROWS.slice(0, 2)));
      await use.store.erase('ant');
      const message = 'what was counted cannot be withdrawn: some of its events are erased';
      await assert.rejects(use.store.withdraw(input), { code: 'USAGE', message });
    });
  });

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

  describe('an input that is withdrawn', () => {
    test('leaves what there would be if it had never come, also of ids that others have', async () => {
      const row = fc.record({
        ...{ time: fc.nat(3).map((n) => n * 40_000), subject: fc.constantFrom('ant', 'bee') },
        id: fc.constantFrom('', '1', '2', '3', UUID),
      });
      const rows = fc.array(row, { maxLength: 6 });
      // Of each input two stretches, and a reject of the first one that becomes an event, if it does.
      const input = fc.record({
        ...{ first: rows, second: rows, late: fc.option(row), isRest: fc.boolean() },
        ...{ isWithdrawn: fc.boolean(), isReplaced: fc.boolean() },
      });
      const property = fc.asyncProperty(fc.array(input, { maxLength: 6 }), async (inputs) => {
        const ingest = async (
          store: Store,
          { first, second, late, isRest }: (typeof inputs)[0],
        ) => {
          const rejects = [rejectBehind(first.length)];
          const { input } = await store.commit(commitOf(first, { rejects }));
          const [segment] = await store.segments(input);
          const from = (first.length + 1) * 10;
          if (late) {
            const events = listOf(EVERY_FIELD.fields, [late], from - 10);
            await store.amend(EVERY_FIELD, { segment: segment!.id, events });
          }
          await store.commit(commitOf(second, { input, from, isRest }));
          return input;
        };
        await using use = await opened();
        await using fresh = await opened();
        const ids = [];
        for (const one of inputs) ids.push(await ingest(use.store, one));
        for (const [i, { isWithdrawn, isReplaced }] of inputs.entries()) {
          if (!isWithdrawn) continue;
          if (isReplaced) await use.store.commit(commitOf([], { replaces: [ids[i]!] }));
          else await use.store.withdraw(ids[i]!);
        }
        for (const one of inputs) if (!one.isWithdrawn) await ingest(fresh.store, one);
        for (const { isWithdrawn, isReplaced } of inputs)
          if (isWithdrawn && isReplaced) await fresh.store.commit(commitOf([]));
        assert.deepEqual(await contentOf(use.store), await contentOf(fresh.store));
      });
      await fc.assert(property, { numRuns: WITHDRAWALS });
    });

    test('leaves a mark where what would take the place of its events is forgotten', async () => {
      await using use = await opened();
      const { input } = await use.store.commit(
        commitOf([{ time: 9 * MINUTE, subject: 'ant', id: 'one' }]),
      );
      await use.store.commit(commitOf([{ time: MINUTE, subject: 'ant', id: 'one' }]));
      assert.equal(await use.store.prune('events', 5 * MINUTE), 0);
      assert.equal((await use.store.streams())[0]!.goneBefore, 5 * MINUTE);
      await use.store.withdraw(input);
      assert.deepEqual(await minutesOf(use.store, { stream: 'events', ...EVERYTHING }), []);
    });

    test('must have all its events, as must a last record without its end', async () => {
      await using use = await opened();
      const at = (minute: number) => [{ time: minute * MINUTE, subject: 'ant' }];
      const { input } = await use.store.commit(commitOf([...at(1), ...at(9)]));
      await use.store.prune('events', 5 * MINUTE);
      const { input: late } = await use.store.commit(commitOf(at(2)));
      const before = await contentOf(use.store);
      const told = {
        code: 'USAGE',
        message:
          'what was counted cannot be withdrawn: events before 1970-01-01T00:05:00Z are forgotten',
      };
      for (const id of [input, late]) {
        await assert.rejects(use.store.withdraw(id), told);
        await assert.rejects(use.store.commit(commitOf(at(9), { replaces: [id] })), told);
      }
      const rest = { input, from: 20, isRest: true };
      await assert.rejects(use.store.commit(commitOf(at(2), rest)), overtaken);
      assert.deepEqual(await contentOf(use.store), before);
      await use.store.commit(commitOf(at(6), rest));
      await use.store.commit(commitOf(at(7), { input, from: 20 }));
    });

    test('may leave others without their duplicates, where these are forgotten', async () => {
      await using use = await opened();
      const at = (minute: number) => [{ time: minute * MINUTE, subject: 'ant', id: 'one' }];
      await use.store.commit(commitOf(at(9)));
      await use.store.commit(commitOf(at(1), { name: 'b.csv' }));
      await use.store.commit(commitOf(at(7), { name: 'c.csv' }));
      assert.deepEqual(await use.store.withLostDuplicates('events'), []);
      await use.store.prune('events', 5 * MINUTE);
      assert.deepEqual(await use.store.withLostDuplicates('events'), ['b.csv']);
    });

    test('does not bring back what is forgotten of others', async () => {
      await using use = await opened();
      const at = (minute: number) => [{ time: minute * MINUTE, subject: 'ant', id: 'one' }];
      const { input } = await use.store.commit(commitOf(at(9)));
      for (const minute of [1, 7]) await use.store.commit(commitOf(at(minute)));
      await use.store.prune('events', 5 * MINUTE);
      await use.store.withdraw(input);
      const query = { stream: 'events', ...EVERYTHING };
      const found = await aroundOf(use.store, EVERY_FIELD, query);
      assert.deepEqual(
        found.map(({ time }) => time),
        [7 * MINUTE],
      );
    });

    test('makes others a conflict that were a duplicate of it', async () => {
      await using use = await opened();
      const row = { time: 5, subject: 'ant', id: UUID };
      const { input } = await use.store.commit(commitOf([row]));
      const { input: other } = await use.store.commit(commitOf([{ ...row, time: 6 }, row]));
      await use.store.withdraw(input);
      const { counted, duplicate, conflict } = await use.store.input(other);
      assert.deepEqual([counted, duplicate, conflict], [1, 0, 1]);
      const [segment] = await use.store.segments(other);
      const rejects = await Array.fromAsync(use.store.rejects(segment!.id));
      assert.deepEqual(rejects, [{ line: 2, offset: 10, reason: 'conflict', text: UUID }]);
      const events = await eventsOf(use.store, EVERY_FIELD, segment!.id);
      assert.deepEqual(
        events.map(({ time, id, line }) => [time, id, line]),
        [[6, UUID, 1]],
      );
    });
  });

  describe('readers', () => {
    test('get the events of a range, and the number of those that are left out', async () => {
      await using use = await opened();
      const rows = Array.from({ length: 9000 }, (_, i) => ({ time: i, subject: `h${i % 3}` }));
      const { input } = await use.store.commit(commitOf(rows));
      const [segment] = await use.store.segments(input);
      const batch = new EventBatch();
      let [within, all] = [0, 0];
      for await (const events of use.store.events(segment!.id, batch, { from: 5000, to: 5010 })) {
        all += events.length + events.others;
        for (let i = 0; i < events.length; i++)
          if (events.time[i]! >= 5000 && events.time[i]! < 5010) within++;
      }
      assert.deepEqual([within, all], [10, 9000]);
      const found = await aroundOf(use.store, EVERY_FIELD, {
        ...{ stream: 'events', from: 5000, to: 5010 },
      });
      assert.equal(found.length, 10);
    });

    test('get all events of a host, and the number of those that are left out', async () => {
      await using use = await opened();
      const rows: TestRow[] = Array.from({ length: 9000 }, (_, i) => ({
        ...{ time: i * 60, subject: `h${i % 3}`, object: `h${i % 5}` },
      }));
      rows[5000] = { time: 5000 * 60, subject: 'h0', object: 'rare' };
      rows[8500] = { time: 8500 * 60, subject: 'rare', object: 'rare' };
      const commit = commitOf(rows, { rejects: [rejectBehind(9000)] });
      const [segment] = await use.store.segments((await use.store.commit(commit)).input);
      const found = async (host: string) => {
        let [some, all] = [0, 0];
        const batch = new EventBatch();
        const interest = { ...EVERYTHING, host };
        for await (const { length, others, subject, object, names } of use.store.events(
          segment!.id,
          batch,
          interest,
        )) {
          all += length + others;
          for (let i = 0; i < length; i++)
            if ([subject[i]!, object[i]!].some((id) => names.nameOf(id) === host)) some++;
        }
        return [some, all];
      };
      assert.deepEqual(await found('rare'), [2, 9000]);
      assert.deepEqual(await found('h4'), [1800, 9000]);
      assert.deepEqual(await found('nobody'), [0, 9000]);
      const amended = [{ time: 60_000, subject: 'late', object: 'rare' }];
      const events = listOf(EVERY_FIELD.fields, amended, 90_000);
      await use.store.amend(EVERY_FIELD, { segment: segment!.id, events });
      assert.deepEqual(await found('rare'), [3, 9001]);
      assert.deepEqual(await found('late'), [1, 9001]);
      await use.store.prune('events', 6 * MINUTE); // in the second of three chunks
      assert.deepEqual(await found('rare'), [1, 9001]);
      assert.deepEqual(await found('late'), [0, 9001]);
    });

    test('get minutes that begin in a range, of those who are asked for', async () => {
      await using use = await opened();
      await use.store.commit(commitOf(ROWS));
      const minutes = (from: number, to: number, subjects?: readonly string[]) =>
        minutesOf(use.store, { stream: 'events', from, to, subjects });
      const ant = {
        subject: 'ant',
        type: 'login',
        start: MINUTE,
        count: 1,
        values: totals('1.25'),
      };
      assert.deepEqual(await minutes(60_000, 60_001, ['ant', 'ant', 'nobody']), [ant]);
      assert.deepEqual(await minutes(60_001, 120_000, ['ant']), []);
      assert.equal((await minutes(0, 60_001)).length, 3);
      assert.equal((await minutes(-Infinity, Infinity, ['a\0b', ''])).length, 2);
      assert.deepEqual(await minutes(-Infinity, Infinity, []), []);
    });

    test('get the hours of a subject, of all types or of one', async () => {
      await using use = await opened();
      const rows = Array.from({ length: 900 }, (_, i) => ({
        ...{ time: i * 3 * MINUTE, subject: i % 7 === 0 ? 'constructor' : 'ant' },
        type: i > 600 && i % 5 === 0 ? '__proto__' : 'login',
      }));
      for (const some of [rows.slice(0, 30), rows.slice(30)])
        await use.store.commit(commitOf(some));
      const day = 24 * 60 * MINUTE;
      for (const [subject, type, from] of [
        ['ant', undefined, 0],
        ['ant', 'login', day - 3 * 60 * MINUTE],
        ['constructor', '__proto__', -2 * day],
        ['nobody', undefined, 0],
        ['ant', 'nothing', 0],
      ] as const) {
        const counts = new Float64Array(50).fill(1);
        await use.store.addHours({ stream: 'events', subject, type, from }, counts);
        const expected = Array.from(counts, (_, hour) => {
          const start = from + hour * 60 * MINUTE;
          const own = rows.filter((row) => row.subject === subject && (!type || row.type === type));
          return 1 + own.filter(({ time }) => time >= start && time < start + 60 * MINUTE).length;
        });
        assert.deepEqual([...counts], expected);
      }
      const query = { stream: 'none', subject: 'ant', from: 0 };
      await assert.rejects(
        use.store.addHours(query, new Float64Array(1)),
        /no source none|no stream/,
      );
    });

    test('get hours, which are those of all minutes, of many and of few', async () => {
      await using use = await opened();
      const rows = Array.from({ length: 300 }, (_, i) => ({
        ...{ time: i * 7 * MINUTE, subject: 'ant', value: BigInt(i), scale: i % 3 },
      }));
      for (const some of [
        rows.slice(0, 20),
        rows.slice(20, 140),
        rows.slice(140),
        rows.slice(0, 3),
      ])
        await use.store.commit(commitOf(some));
      const query = { stream: 'events', from: 60 * MINUTE, to: 24 * 60 * MINUTE };
      const counted = Map.groupBy([...rows, ...rows.slice(0, 3)], ({ time }) =>
        Math.floor(time / (60 * MINUTE)),
      );
      const found = (await minutesOf(use.store, query, 'hour')) as {
        start: number;
        count: number;
      }[];
      const byStart = found.toSorted((a, b) => a.start - b.start);
      assert.deepEqual(
        byStart.map(({ start, count }) => [start / (60 * MINUTE), count]),
        Array.from({ length: 23 }, (_, i) => [i + 1, counted.get(i + 1)!.length]),
      );
      const sums = (unit: 'minute' | 'hour') =>
        minutesOf(use.store, { ...query, from: 0 }, unit).then((all) =>
          (all as { values: { sum: string } }[]).reduce(
            (sum, { values }) => sum + Math.round(Number(values.sum) * 100),
            0,
          ),
        );
      assert.equal(await sums('hour'), await sums('minute'));
    });

    test('read several stretches at a time', async () => {
      await using use = await opened();
      const rows = Array.from({ length: 9000 }, (_, i) => ({ time: i, subject: 'ant' }));
      const { input } = await use.store.commit(commitOf(rows));
      const [segment] = await use.store.segments(input);
      const both = [new EventBatch(), new EventBatch()].map((batch) =>
        use.store.events(segment!.id, batch)[Symbol.asyncIterator](),
      );
      for (const step of [0, 1, 2, 3])
        for (const events of both) {
          const { done, value } = await events.next();
          assert.equal(done ?? false, step === 3);
          if (step < 3) assert.equal(value.time[0], step * 4096);
        }
      const query = { stream: 'events', ...EVERYTHING };
      for await (const one of use.store.minutes(query))
        for await (const other of use.store.minutes(query)) assert.deepEqual(one, other);
    });

    test('read while commits are made', async () => {
      await using use = await opened();
      const rows = Array.from({ length: 9000 }, (_, i) => ({ time: i, subject: 'ant' }));
      const { input } = await use.store.commit(commitOf(rows));
      const [segment] = await use.store.segments(input);
      let read = 0;
      for await (const events of use.store.events(segment!.id, new EventBatch())) {
        read += events.length;
        await use.store.commit(commitOf([{ time: read, subject: `new ${read}` }]));
      }
      assert.equal(read, 9000);
      assert.equal((await use.store.inputs('events')).length, 4);
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

const overtaken = {
  code: 'STORE_UNUSABLE',
  message: 'another process ingested while a.csv was read, and may have counted it; run again',
};

function event(row: object, index: number): object {
  const place = { line: index + 1, position: index * 10 };
  return { object: '', type: '', kind: 0, value: '0/0', id: '', data: '', ...row, ...place };
}

function totals(value: string): object {
  return { sum: value, min: value, max: value };
}
