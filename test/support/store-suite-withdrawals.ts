import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Store } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { commitOf, EVERY_FIELD, listOf, ROW_BYTES, rejectBehind, type TestRow } from './commits.ts';
import { aroundOf, contentOf, eventsOf, minutesOf } from './store-content.ts';
import { MINUTE, type OpenStore, UUID } from './store-suite-data.ts';

const WITHDRAWALS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 20);

/** Of `storeSuite`, what is left when an input is withdrawn. */
export function withdrawalsOfStore(opened: OpenStore): void {
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

    test('has others count in the order in which they came, each time, however stretches are joined', async () => {
      await using use = await opened();
      const begun = await use.store.commit(commitOf([], { name: 'grows' }));
      const row = (subject: string): TestRow => ({ time: 1, subject, id: 'one' });
      const inputs: number[] = [];
      for (const name of ['ant', 'bee', 'cow'])
        inputs.push((await use.store.commit(commitOf([row(name)], { name }))).input);
      for (let from = 0; from < 8 * ROW_BYTES; from += ROW_BYTES) {
        const rows = [from > 0 ? { time: 1, subject: 'fly' } : row('dog')];
        await use.store.commit(commitOf(rows, { input: begun.input, from, name: 'grows' }));
      }
      const counted: unknown[] = [];
      for (const input of inputs) {
        await use.store.withdraw(input);
        const events = await aroundOf(use.store, EVERY_FIELD, { stream: 'events', ...EVERYTHING });
        counted.push(events.find(({ id }) => id === 'one')!['subject']);
      }
      assert.deepEqual(counted, ['bee', 'cow', 'dog']);
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

    test('must have all its events', async () => {
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
      assert.deepEqual(await contentOf(use.store), before);
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
}
