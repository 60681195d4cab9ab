import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { stores } from '../../../src/stores/index.ts';
import { FollowRun, linesOf, STREAM, shown } from '../../support/follow-run.ts';
import { newFolder } from '../../support/live.ts';

describe('followIngest', () => {
  test('tells how many bytes of a last record wait', async () => {
    using folder = newFolder({ 'app.log': `${linesOf(0, 10)}1600` });
    await using run = new FollowRun(folder.path, [folder.at('app.log')], { idleMs: 60_000 });
    await run.untilCounted(10);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 10, 4]]);
  });

  test('counts a last record without its end when its file is silent, and again with what comes', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 2).slice(0, -1) });
    await using run = new FollowRun(folder.path, [folder.at('app.log')], { idleMs: 20 });
    await run.untilCounted(2);
    appendFileSync(folder.at('app.log'), `s\n${linesOf(2, 3)}`);
    await run.untilCounted(3);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 3, 0]]);
  });

  test('has nothing of a file before its first record begins, behind a byte order mark', async () => {
    const mark = Buffer.from('\ufeff');
    for (const keep of ['events', 'rollups'] as const) {
      using folder = newFolder({ 'app.log': mark.subarray(0, 2) });
      await using run = new FollowRun(folder.path, [folder.at('app.log')], { idleMs: 20, keep });
      await run.untilIdle();
      appendFileSync(folder.at('app.log'), mark.subarray(2));
      await run.untilIdle();
      assert.deepEqual(await run.inputs(), []);
      appendFileSync(folder.at('app.log'), linesOf(0, 2));
      await run.untilCounted(2);
      assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 2, 0]]);
    }
  });

  test('leaves a last record without its end alone where it could not be taken back', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 2).slice(0, -1) });
    const words = [folder.at('app.log')];
    await using run = new FollowRun(folder.path, words, { idleMs: 20, keep: 'rollups' });
    await run.untilCounted(1);
    await run.untilIdle();
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 1, 21]]);
  });

  test('goes on beside a prune, also with a last record without its end', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 7).slice(0, -1) });
    await using run = new FollowRun(folder.path, [folder.at('app.log')], { idleMs: 20 });
    const prune = async () => {
      const store = stores.sqlite({ path: folder.at('store.db') });
      const count = await store.prune(STREAM.name, 1_600_000_060_000);
      await store.close();
      return count;
    };
    await run.untilCounted(7);
    assert.equal(await prune(), 6);
    appendFileSync(folder.at('app.log'), `s\n${linesOf(7, 9).slice(0, -1)}`);
    await run.untilCounted(9);
    assert.equal(await prune(), 2);
    appendFileSync(folder.at('app.log'), `\n${linesOf(9, 10)}`);
    await run.untilCounted(10);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 10, 0]]);
  });
});
