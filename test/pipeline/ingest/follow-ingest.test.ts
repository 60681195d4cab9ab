import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Ingested } from '../../../src/pipeline/ingest/ingested.ts';
import { FollowRun, linesOf, shown } from '../../support/follow-run.ts';
import { STREAMS } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';

describe('followIngest', () => {
  test('counts what comes, and a record written in two when its end is there', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    await using run = new FollowRun(folder.path, [folder.at('app.log')], { idleMs: 60_000 });
    await run.untilCounted(10);
    appendFileSync(folder.at('app.log'), linesOf(10, 12).slice(0, -5));
    await run.untilCounted(11);
    appendFileSync(folder.at('app.log'), linesOf(10, 12).slice(-5));
    await run.untilCounted(12);
    const done = await run.stop();
    assert.deepEqual(shown(done), [['app.log', 'new', 12, 0]]);
  });

  test('tells how far it is: the least of the inputs that are not silent, once that is counted', async () => {
    using folder = newFolder({ 'a.log': linesOf(0, 10), 'b.log': linesOf(0, 5) });
    const words = [folder.at('a.log'), folder.at('b.log')];
    await using run = new FollowRun(folder.path, words, { idleMs: 3000 });
    await run.until(async () => run.reached.length > 0);
    assert.deepEqual([run.reached, await run.counted()], [[4], 15]);
    appendFileSync(folder.at('b.log'), linesOf(5, 20));
    await run.until(async () => run.reached.length > 1);
    assert.deepEqual([run.reached, await run.counted()], [[4, 9], 30]);
    const timer = setInterval(() => appendFileSync(folder.at('b.log'), linesOf(19, 20)), 500);
    try {
      await run.until(async () => run.reached.length > 2);
      assert.deepEqual(run.reached, [4, 9, 19]);
    } finally {
      clearInterval(timer);
    }
  });

  test('knows after a stop how far it was', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const before = new FollowRun(folder.path, [folder.at('app.log')]);
    await before.untilCounted(10);
    await before.stop();
    await using run = new FollowRun(folder.path, [folder.at('app.log')]);
    await run.until(async () => run.reached.length > 0);
    assert.deepEqual(run.reached, [9]);
  });

  test('tells of ids that do not look like the others, once, and in which line', async () => {
    const row = (id: string = randomUUID()) => `ant,in,${id},60000\n`;
    // A last record without its end may span lines.
    const torn = row().replace('ant', '"ant\nbee"').slice(0, -1);
    using folder = newFolder({ 'a.csv': row() + torn });
    const path = folder.at('a.csv');
    const reading = { stream: STREAMS.ids, idleMs: 20 };
    await using before = new FollowRun(folder.path, [path], reading);
    await before.until(async () => (await before.inputs())[0]?.lines === 3);
    assert.equal((await before.stop())[0]!.ids!.note, undefined);
    appendFileSync(path, `\n${row()}${row()}${row('abc').slice(0, -1)}`);
    await using run = new FollowRun(folder.path, [path], reading);
    await run.untilCounted(4);
    appendFileSync(path, `\n${row()}`);
    await run.untilCounted(5);
    const [{ ids }] = (await run.stop()) as [Ingested];
    const message = `1 id does not look like the others, such as "abc" in ${path}, line 6`;
    assert.equal(ids!.note?.message, message);
  });

  test('lets others have their turn between inputs and between commits', async () => {
    const names = ['a.log', 'b.log', 'c.log', 'd.log'];
    using folder = newFolder(
      Object.fromEntries(names.map((name, i) => [name, linesOf(3 * i, 3 * i + 3)])),
    );
    let turn = 0;
    let next = setImmediate(function count() {
      turn++;
      next = setImmediate(count);
    });
    const turns: number[] = [];
    const onCommit = () => void turns.push(turn);
    await using run = new FollowRun(folder.path, [folder.at('*.log')], { onCommit });
    await run.untilCounted(12);
    clearImmediate(next);
    assert.equal(turns.length, names.length);
    assert.equal(new Set(turns).size, names.length);
  });

  test('tries again while the disk is full, says so once, and loses nothing', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) });
    const full = new DaybookError('STORE_UNUSABLE', 'the disk is full', { cause: new Error() });
    await using run = new FollowRun(folder.path, [folder.at('app.log')], { failing: [full, full] });
    await run.untilCounted(5);
    assert.deepEqual(run.notes, ['the disk is full; trying again']);
  });

  test('ends where another process went on with an input', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) });
    const taken = new DaybookError('STORE_UNUSABLE', 'ingested by another process');
    const run = new FollowRun(folder.path, [folder.at('app.log')], { failing: [taken] });
    await assert.rejects(run.done, taken);
  });

  test('commits large files in parts, and follows many at once', async () => {
    using folder = newFolder();
    for (let i = 0; i < 200; i++)
      writeFileSync(folder.at(`${i}.log`), linesOf(100 * i, 100 * i + 50));
    await using run = new FollowRun(folder.path, [folder.at('*.log')]);
    await run.untilCounted(200 * 50);
    appendFileSync(folder.at('7.log'), linesOf(750, 760));
    await run.untilCounted(200 * 50 + 10);
  });
});
