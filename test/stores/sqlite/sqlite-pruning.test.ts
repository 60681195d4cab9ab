import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../../src/core/errors.ts';
import { openCounts } from '../../../src/open/open-counts.ts';
import { pruneStore } from '../../../src/open/prune-store.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { KeptStore } from '../../support/kept-store.ts';
import { shownReport } from '../../support/report.ts';
import { takeBack } from '../../support/store-versions.ts';

const DAY = Date.UTC(2021, 2, 1);

/** Rows of events at seconds of three days. */
function rowsAt(seconds: readonly number[], subject = 'acme'): string {
  const rows = seconds.map((at, i) => {
    const time = new Date(DAY + at * 1000).toISOString();
    return `${subject}${i % 3},upload,${time},${i}\n`;
  });
  return rows.join('');
}

const arbitrarySeconds = fc.array(fc.nat(3 * 86_400), { minLength: 1, maxLength: 40 });

function countsOf(kept: KeptStore, words: { from?: string; interval?: string } = {}) {
  return shownReport(openCounts({ files: [], store: kept.path, ...words }));
}

const isUsage = (error: unknown) => error instanceof DaybookError && error.code === 'USAGE';

describe('pruning', () => {
  test('forgets the events before an instant and no others, and no count', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySeconds,
        arbitrarySeconds,
        fc.nat(3 * 1440),
        async (a, b, minute) => {
          using kept = new KeptStore({ 'a.csv': rowsAt(a), 'b.csv': rowsAt(b, 'umbra') });
          await kept.ingest();
          const before = await kept.shown();
          const hours = await countsOf(kept);
          const instant = DAY + minute * 60_000;
          const words = { store: kept.path, before: String(instant) };
          const isLeft = (event: string) => Number(event.split(' ')[2]) >= instant;
          const left = before.events.filter(isLeft);
          const trial = await pruneStore({ ...words, dryRun: true });
          assert.deepEqual(await kept.shown(), before);
          const pruned = await pruneStore(words);
          assert.deepEqual(pruned, trial);
          assert.equal(pruned.events.get('events'), before.events.length - left.length);
          assert.deepEqual(await kept.shown(), { ...before, events: left });
          assert.deepEqual(await countsOf(kept), hours);
          assert.ok((await kept.ingest()).every(({ kind }) => kind === 'known'));
          assert.equal((await pruneStore(words)).events.get('events'), 0);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('refuses what needs the events, and names the instant', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 90, 3600]) });
    await kept.ingest();
    await pruneStore({ store: kept.path, before: '2021-03-01T00:01:59Z' });
    for (const words of [{ interval: '10s' }, { from: '2021-03-01T00:00:30Z' }])
      await assert.rejects(
        countsOf(kept, words),
        (error) =>
          isUsage(error) && /before 2021-03-01T00:01:00Z are forgotten/.test(String(error)),
      );
    assert.equal(
      (await countsOf(kept, { interval: '10s', from: '2021-03-01T00:01:00Z' })).rows.length,
      2,
    );
    assert.equal((await countsOf(kept, { from: '2021-03-01T00:01:30Z' })).books.counted, 2);
  });

  test('lets inputs be replaced of which nothing is forgotten, on the day that is cut, too', async () => {
    const later = rowsAt([50_000, 60_000, 90_000], 'late');
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 40_000, 70_000]), 'b.csv': later });
    await kept.ingest();
    await pruneStore({ store: kept.path, before: String(DAY + 45_000_000) });
    kept.write('b.csv', rowsAt([61_000], 'new'));
    const [, replaced] = await kept.ingest({ replace: true });
    assert.equal(replaced?.kind, 'replaced');
    using fresh = new KeptStore({
      'a.csv': rowsAt([0, 40_000, 70_000]),
      'b.csv': rowsAt([61_000], 'new'),
    });
    await fresh.ingest();
    const [one, other] = [await kept.shown(), await fresh.shown()];
    assert.deepEqual([one.minutes, one.totals], [other.minutes, other.totals]);
  });

  test('refuses to take back what is forgotten', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 40_000, 70_000]) });
    await kept.ingest();
    await pruneStore({ store: kept.path, before: String(DAY + 60_000) });
    const before = await kept.shown();
    kept.write('a.csv', rowsAt([5]));
    const [refused] = await kept.ingest({ replace: true });
    assert.ok(isUsage(refused!.failure));
    assert.deepEqual(await kept.shown(), before);
  });

  test('leaves a last record without its end, which counts as it is at last', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 60]).trimEnd() });
    await kept.ingest();
    await pruneStore({ store: kept.path, before: String(DAY + 86_400_000) });
    kept.write('a.csv', `${rowsAt([0, 60]).trimEnd()}7\nacme,upload,2021-03-03T00:00:00Z,1\n`);
    const [grown] = await kept.ingest();
    assert.deepEqual([grown?.kind, grown?.books.counted, grown?.books.read], ['grown', 2, 2]);
    assert.ok((await kept.shown()).events.some((event) => event.includes(' 17 ')));
    assert.equal((await countsOf(kept)).books.counted, 3);
  });

  test('lets a last record without its end be counted that is older', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 90_000]) });
    await kept.ingest();
    await pruneStore({ store: kept.path, before: String(DAY + 86_400_000) });
    kept.write('b.csv', `${rowsAt([1], 'old')}old,upload,2021-03-01T00:00:05Z,5`);
    const [, torn] = await kept.ingest();
    assert.deepEqual([torn?.books.counted, torn?.heldBytes], [2, 0]);
    kept.write('b.csv', `${rowsAt([1], 'old')}old,upload,2021-03-01T00:00:05Z,555\n`);
    const [, grown] = await kept.ingest();
    assert.deepEqual([grown?.kind, grown?.books.counted, grown?.heldBytes], ['grown', 1, 0]);
    assert.ok((await kept.shown()).events.some((event) => event.includes(' 555 ')));
  });

  test('gives space back, also of a store that was made without the marks for it', async () => {
    using kept = new KeptStore({
      'a.csv': rowsAt(Array.from({ length: 60_000 }, (_, i) => i / 20)),
    });
    await kept.ingest();
    const db = new DatabaseSync(kept.path);
    db.exec('PRAGMA auto_vacuum = NONE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
    const { size } = statSync(kept.path);
    await pruneStore({ store: kept.path, before: String(DAY + 25 * 60_000) });
    const half = statSync(kept.path).size;
    assert.ok(half < size - 50_000, `${half} of ${size}`);
    await pruneStore({ store: kept.path, before: String(DAY + 86_400_000) });
    assert.ok(statSync(kept.path).size < half - 50_000);
  });

  test('brings a store of version 1 forward first', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0, 40_000]) });
    await kept.ingest();
    const shown = await kept.shown();
    await takeBack(kept.path, 1);
    await assert.rejects(kept.shown(), /of an older Daybook/);
    await sqlite({ path: kept.path }).close();
    assert.deepEqual(await kept.shown(), shown);
    const { events } = await pruneStore({ store: kept.path, before: String(DAY + 60_000) });
    assert.equal(events.get('events'), 1);
  });

  test('refuses a store without events, and one that is not there', async () => {
    using kept = new KeptStore({ 'a.csv': rowsAt([0]) }, { keep: 'rollups' });
    await kept.ingest();
    await assert.rejects(pruneStore({ store: kept.path, before: '5' }), isUsage);
    const nowhere = pruneStore({ store: `${kept.path}x`, before: '5' });
    await assert.rejects(nowhere, /there is no store/);
  });
});
