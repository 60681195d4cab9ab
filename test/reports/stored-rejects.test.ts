import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { stopAtFirst } from '../../src/cli/reject-file.ts';
import type { Reject, RejectSink } from '../../src/core/rejects.ts';
import { openCounts } from '../../src/open/open-counts.ts';
import { storedRejects } from '../../src/reports/stored-rejects.ts';
import { KeptStore } from '../support/kept-store.ts';
import { shownReport } from '../support/report.ts';

const ROW = 'acme,upload,2021-03-01T00:10:00Z,5\n';

function listed(kept: KeptStore, query: Parameters<typeof storedRejects>[1] = {}) {
  return kept.read(async (store) => {
    const table = await storedRejects(store, query);
    const rows = (await Array.fromAsync(table.rows)).flat();
    return { rows: rows.map((row) => row.slice(2)), notes: table.notes, books: table.books };
  });
}

describe('storedRejects', () => {
  test('tells lines as they are in the input, also of what came later', async () => {
    using kept = new KeptStore({ 'a.csv': `${ROW}soon\n\n${ROW}`, 'b.csv': `\n${ROW}never\n` });
    await kept.ingest();
    kept.write('a.csv', `${ROW}soon\n\n${ROW}later\n${ROW}a,b,c,d\n`);
    await kept.ingest();
    const { rows, notes, books } = await listed(kept);
    const inA = [
      [2, 35, 'field count', 'soon'],
      [5, 76, 'field count', 'later'],
      [7, 117, 'time', 'a,b,c,d'],
    ];
    const inB = [[3, 36, 'field count', 'never']];
    // Which input is first follows from what is in them.
    const inOrder = rows[0]?.[0] === 2 ? [...inA, ...inB] : [...inB, ...inA];
    assert.deepEqual(rows, inOrder);
    assert.deepEqual(notes, []);
    assert.deepEqual([books.counted, books.rejected], [4, { 'field count': 3, time: 1 }]);
  });

  test('says how many are only counted, of the reasons that were asked for', async () => {
    using kept = new KeptStore({
      'a.csv': `${ROW}${'x\n'.repeat(10_002)}${'a,b,c,d\n'.repeat(3)}`,
    });
    await kept.ingest();
    const unlisted = async (reasons?: readonly string[]) => {
      const { rows, notes } = await listed(kept, { reasons });
      return [rows.length, notes[0]?.['count']];
    };
    assert.deepEqual(await unlisted(), [10_000, 5]);
    assert.deepEqual(await unlisted(['field count']), [10_000, 2]);
    assert.deepEqual(await unlisted(['time']), [0, 3]);
  });

  test('are listed beside counts, of events and of rollups', async () => {
    const texts = { 'a.csv': `${ROW}soon\n\n${ROW}`, 'b.csv': `\n${ROW}never\n` };
    for (const keep of ['events', 'rollups'] as const)
      for (const interval of ['1h', '10s']) {
        using kept = new KeptStore(texts, { keep });
        await kept.ingest();
        const rejects: Reject[] = [];
        const sink: RejectSink = async (some) => {
          rejects.push(...some);
        };
        const asked = openCounts({ files: [], store: kept.path, interval });
        if (keep === 'rollups' && interval === '10s') {
          await assert.rejects(shownReport(asked, { rejects: sink }), /keeps whole minutes only/);
          continue;
        }
        const { rows, books } = await shownReport(asked, { rejects: sink });
        assert.deepEqual(
          rows.map(([, , count]) => count),
          [3],
        );
        assert.deepEqual(books.rejected, { 'field count': 2 });
        const places = rejects.map(({ input, line, offset, reason, text }) => [
          ...[basename(input), line, offset, reason, text],
        ]);
        assert.deepEqual(places.sort(), [
          ['a.csv', 2, 35, 'field count', 'soon'],
          ['b.csv', 3, 36, 'field count', 'never'],
        ]);
        const strict = openCounts({ files: [], store: kept.path, interval });
        await assert.rejects(shownReport(strict, { rejects: stopAtFirst }), /--strict/);
      }
  });

  test('lists those of one source only, which must be there', async () => {
    using kept = new KeptStore({ 'a.csv': `${ROW}soon\n` });
    await kept.ingest();
    assert.equal((await listed(kept, { source: 'events' })).rows.length, 1);
    await assert.rejects(listed(kept, { source: 'constructor' }), /no source constructor/);
  });
});
