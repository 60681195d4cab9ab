import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DaybookError } from '../../../src/core/errors.ts';
import { PackedFile } from '../../../src/sources/packed-file.ts';
import { FollowRun, linesOf, WAIT_MS } from '../../support/follow-run.ts';
import { newFolder } from '../../support/live.ts';

describe('followIngest', () => {
  test('puts files of a folder away when all of them is counted', async () => {
    using folder = newFolder();
    const at = (name: string) => folder.at('in', name);
    mkdirSync(folder.at('in'));
    writeFileSync(at('a.log'), linesOf(0, 3).slice(0, -1));
    await using run = new FollowRun(folder.path, [folder.at('in')], { idleMs: 20, done: 'move' });
    writeFileSync(at('b.log.gz'), gzipSync(linesOf(3, 5)));
    await run.until(async () =>
      ['a.log', 'b.log.gz'].every((it) => existsSync(at(`processed/${it}`))),
    );
    assert.equal(await run.counted(), 5);
    assert.ok(!existsSync(at('a.log')) && !existsSync(at('b.log.gz')));
  });

  test('puts a compressed file of a folder away once, also where its commit takes long', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(linesOf(0, 3)));
    const options = { idleMs: 20, done: 'move', commitMs: 4 * WAIT_MS } as const;
    await using run = new FollowRun(folder.path, [folder.at('in')], options);
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    writeFileSync(folder.at('in', 'b.log'), linesOf(3, 5));
    await run.untilCounted(5);
  });

  test('puts a long compressed file away when it was read to its end, however long commits take', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    // More than is read before others have their turn.
    const long = `${linesOf(0, 3)}${'\n'.repeat(20 << 20)}${linesOf(3, 4)}`;
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(long));
    const options = { idleMs: 20, done: 'move', commitMs: 4 * WAIT_MS } as const;
    await using run = new FollowRun(folder.path, [folder.at('in')], options);
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    assert.equal(await run.counted(), 4);
    writeFileSync(folder.at('in', 'b.log'), linesOf(4, 6));
    await run.untilCounted(6);
  });

  test('leaves a file of a folder where it is for as long as the rest of it cannot be read', async ({
    mock,
  }) => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    const long = `${linesOf(0, 3)}${'\n'.repeat(1 << 20)}${linesOf(3, 4)}`;
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(long));
    const { read } = PackedFile.prototype;
    let [reads, isBroken] = [0, true];
    mock.method(PackedFile.prototype, 'read', function (this: PackedFile, into: Uint8Array) {
      reads++;
      if (reads > 1 && isBroken) throw new DaybookError('SOURCE_UNREADABLE', 'the disk fails');
      return read.call(this, into);
    });
    await using run = new FollowRun(folder.path, [folder.at('in')], { idleMs: 20, done: 'move' });
    await run.untilCounted(3);
    await run.untilIdle();
    assert.ok(existsSync(folder.at('in', 'a.log.gz')));
    isBroken = false;
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    assert.equal(await run.counted(), 4);
  });
});
