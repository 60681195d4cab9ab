import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventBatch } from '../../src/core/event-batch.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, EVERY_FIELD, listOf, rejectBehind, type TestRow } from './commits.ts';
import { aroundOf, minutesOf } from './store-content.ts';
import { MINUTE, type OpenStore, ROWS, totals } from './store-suite-data.ts';

/** Of `storeSuite`, what readers get. */
export function readersOfStore(opened: OpenStore): void {
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
}
