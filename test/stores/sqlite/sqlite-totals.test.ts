import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Keep } from '../../../src/core/store.ts';
import { addPackedTotals, noTotals } from '../../../src/stores/hour-totals.ts';
import { hoursOf, unpackDay } from '../../../src/stores/rollup-day.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { commitOf, EVERY_FIELD } from '../../support/commits.ts';
import { newFolder } from '../../support/live.ts';
import { arbitrarySteps, take } from '../../support/store-steps.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 40);
const DAY = 86_400_000;

describe('the hours of all types', () => {
  test('are those of the minutes by type, after each of any steps, whoever adds the rest up', async () => {
    const steps = arbitrarySteps();
    const keeps = fc.constantFrom<Keep>('events', 'rollups');
    const property = fc.asyncProperty(steps, keeps, fc.nat(3), async (some, keep, often) => {
      using folder = newFolder();
      const path = folder.at('store.db');
      const store = sqlite({ path, keep });
      await store.addStream(EVERY_FIELD);
      for (const [index, step] of some.entries()) {
        await take(store, step, index);
        if (step.what === 'erase' && keep === 'rollups') await store.erase('ant'); // `take` does not
        if (keep === 'events' && index % 4 < often) await store.prune('events', -(2 ** 53)); // Adds up what waits.
        assertAlike(path);
      }
      await store.close();
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  test('are told of subjects of any text', async () => {
    const text = fc.string({ unit: 'binary', minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(text, fc.constantFrom('a\0', '\0', '\ud800', 'x\udc00')),
        async (subject) => {
          const store = sqlite({ path: ':memory:' });
          await store.addStream(EVERY_FIELD);
          await store.commit(
            commitOf([
              { time: -1, subject },
              { time: -1, subject: `${subject}\0` },
            ]),
          );
          await store.prune('events', -(2 ** 53)); // Adds up what waits.
          const counts = new Float64Array(2);
          await store.addHours({ stream: 'events', subject, from: -3_600_000 }, counts);
          assert.deepEqual([...counts], [1, 0]);
          await store.close();
        },
      ),
      { numRuns: RUNS },
    );
  });
});

/** Asserts that a store has the same hours added up that its minutes give. */
function assertAlike(path: string): void {
  using db = new DatabaseSync(path, { readOnly: true });
  const [sums, totals] = [new Map<string, number>(), new Map<string, number>()];
  const note = (
    into: Map<string, number>,
    { stream, subject, day }: Row,
    hour: number,
    count: number,
  ) => {
    const key = `${stream}/${subject}/${Number(day) * DAY + hour}`;
    if (count > 0) into.set(key, (into.get(key) ?? 0) + count);
  };
  for (const row of db.prepare('SELECT * FROM rollups').all()) {
    const { minute, count } = hoursOf(unpackDay(row['minutes'] as Uint8Array));
    for (let i = 0; i < minute.length; i++) note(sums, row, minute[i]!, count[i]!);
  }
  for (const row of db.prepare('SELECT * FROM totals').all()) {
    const hours = noTotals();
    addPackedTotals(row['hours'] as Uint8Array, hours);
    for (const [hour, count] of hours.entries()) note(totals, row, hour, count);
  }
  assert.deepEqual([...totals].sort(), [...sums].sort());
}

type Row = Record<string, unknown>;
