import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { Keep } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { memory } from '../../src/stores/memory.ts';
import { sqlite } from '../../src/stores/sqlite.ts';
import { commitOf, EVERY_FIELD } from '../support/commits.ts';
import { contentOf } from '../support/store-content.ts';
import { arbitrarySteps, take } from '../support/store-steps.ts';
import { storeSuite } from '../support/store-suite.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 40);

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
