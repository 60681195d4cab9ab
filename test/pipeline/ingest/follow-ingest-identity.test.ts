import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ingest } from '../../../src/pipeline/ingest/ingest.ts';
import { sources } from '../../../src/sources/index.ts';
import { stores } from '../../../src/stores/index.ts';
import { FollowRun, linesOf, STREAM, shown } from '../../support/follow-run.ts';
import { jobOf } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';

describe('followIngest', () => {
  test('goes on from a batch ingest, and replaces its last record without its end', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3).slice(0, -4) });
    await ingested(folder.path, folder.at('app.log'));
    await using run = new FollowRun(folder.path, [folder.at('app.log')]);
    appendFileSync(folder.at('app.log'), linesOf(0, 4).slice(linesOf(0, 3).length - 4));
    await run.untilCounted(4);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'grown', 2, 0]]);
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['known']);
  });

  test('is gone on from by a batch ingest', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3) });
    const run = new FollowRun(folder.path, [folder.at('app.log')]);
    await run.untilCounted(3);
    await run.stop();
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['known']);
    appendFileSync(folder.at('app.log'), linesOf(3, 4));
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['grown']);
  });

  test('finds a file that was rotated while nobody looked, though only its name is followed', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3) });
    const path = folder.at('app.log');
    const before = new FollowRun(folder.path, [path]);
    await before.untilCounted(3);
    await before.stop();
    appendFileSync(path, linesOf(3, 5));
    renameSync(path, folder.at('app.log.1'));
    writeFileSync(path, linesOf(5, 6));
    await using run = new FollowRun(folder.path, [path]);
    await run.untilCounted(6);
    assert.deepEqual(run.notes, []);
  });

  test('counts what is copied and truncated once, and the last record in the copy', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) + linesOf(5, 6).slice(0, 9) });
    const path = folder.at('app.log');
    await using run = new FollowRun(folder.path, [folder.at('app.log*')], { idleMs: 60_000 });
    await run.untilCounted(5);
    appendFileSync(path, linesOf(5, 6).slice(9));
    copyFileSync(path, folder.at('app.log.1'));
    truncateSync(path);
    appendFileSync(path, linesOf(6, 9));
    await run.untilCounted(9);
  });

  test('counts both of two files that begin alike', async () => {
    const [first, second] = [`${linesOf(0, 3)}1600`, `${linesOf(0, 3)}${linesOf(7, 9)}`];
    using folder = newFolder({ 'a.log': first });
    await using run = new FollowRun(folder.path, [folder.at('*.log')], { idleMs: 20 });
    await run.untilCounted(3);
    await run.untilIdle();
    writeFileSync(folder.at('b.log'), second);
    await run.untilCounted(5);
    appendFileSync(folder.at('a.log'), linesOf(3, 4).slice(4));
    await run.untilCounted(6);
    const inputs = await run.inputs();
    assert.deepEqual(
      inputs.map(({ position }) => position).sort((a, b) => a - b),
      [first.length + linesOf(3, 4).length - 4, second.length],
    );
    await run.stop();
    for (const name of ['a.log', 'b.log'])
      assert.deepEqual(await ingested(folder.path, folder.at(name)), ['known']);
  });
});

/** Counts a file as it is, in batch. */
async function ingested(folder: string, path: string): Promise<string[]> {
  const store = stores.sqlite({ path: `${folder}/store.db` });
  const inputs = await sources.file.inputs([path]);
  const kinds: string[] = [];
  const request = { store, stream: STREAM, inputs, jobOf: () => jobOf(STREAM) };
  for await (const { kind } of ingest(request, {})) kinds.push(kind);
  await store.close();
  return kinds;
}
