import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DaybookError } from '../../src/core/errors.ts';
import { following, newFolder } from '../support/live.ts';

/** So seldom that what is found is found because the system told of it. */
const NEVER = { pollMs: 3_600_000, restMs: 20 };
const noWatch = () => {
  throw Object.assign(new Error('no more watches'), { code: 'ENOSPC' });
};

describe('live files', () => {
  test('are read as they grow, and a line when it is whole', async () => {
    using folder = newFolder({ 'app.log': '1\n2\nhal' });
    const path = folder.at('app.log');
    await using follower = await following([path], { pace: NEVER });
    await follower.untilLines(2);
    assert.equal(follower.of(path).held.toString(), 'hal');
    appendFileSync(path, 'f\n');
    await follower.untilLines(3);
    appendFileSync(path, '4\n');
    await follower.untilLines(4);
    assert.deepEqual(follower.shown, [[path, ['1', '2', 'half', '4']]]);
  });

  test('are read where the system tells of nothing', async () => {
    using folder = newFolder({ 'app.log': '1\n' });
    const path = folder.at('app.log');
    await using follower = await following([path], { pace: { watch: noWatch } });
    await follower.untilLines(1);
    appendFileSync(path, '2\n');
    await follower.untilLines(2);
    renameSync(path, `${path}.1`);
    writeFileSync(path, '3\n');
    await follower.untilLines(3);
    assert.deepEqual(follower.lines, ['1', '2', '3']);
  });

  test('cost next to nothing while nothing happens', async () => {
    using folder = newFolder({ 'app.log': '1\n' });
    const path = folder.at('app.log');
    await using follower = await following([path], { pace: { pollMs: 250 } });
    await follower.untilLines(1);
    await follower.atRest(100);
    const before = process.cpuUsage();
    await follower.atRest(600);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 200_000, `${user + system} µs of 600 ms`);
  });

  test('wait no longer than asked for, and not at all when stopped', async () => {
    using folder = newFolder({ 'app.log': '' });
    await using follower = await following([folder.at('app.log')]);
    const began = performance.now();
    await follower.source.changed(10, new AbortController().signal);
    await follower.source.changed(3_600_000, AbortSignal.timeout(10));
    await follower.source.changed(3_600_000, AbortSignal.abort());
    assert.ok(performance.now() - began < 5000);
  });

  describe('rotated by a rename', () => {
    test('are read to their end, and on while they grow', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      await using follower = await following([path], { idleMs: 100 });
      await follower.untilLines(1);
      appendFileSync(path, '2\n');
      renameSync(path, `${path}.1`);
      writeFileSync(path, 'new\n');
      await follower.untilLines(3);
      appendFileSync(`${path}.1`, '3\n4');
      await follower.until(() => follower.ends[0] !== undefined);
      assert.deepEqual(follower.shown, [
        [path, ['1', '2', '3', '4']],
        [path, ['new']],
      ]);
      assert.deepEqual(follower.ends, ['whole', undefined]);
      assert.deepEqual(follower.notes, []);
      const marks = follower.source.marks();
      assert.deepEqual(
        marks.map(({ rank, position, lines, ended }) => [rank, position, lines, ended]),
        [
          [0, 7, 4, true],
          [1, 4, 1, false],
        ],
      );
    });

    test('are the same input where their new name is watched too', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      await using follower = await following([folder.at('app.log*')], { idleMs: 30 });
      await follower.untilLines(1);
      renameSync(path, `${path}.1`);
      writeFileSync(path, 'new\n');
      appendFileSync(`${path}.1`, '2\n');
      await follower.until(() => follower.ends[0] === 'whole');
      await follower.untilLines(3);
      assert.deepEqual(follower.shown, [
        [path, ['1', '2']],
        [path, ['new']],
      ]);
      // It was let go of too early, and is taken up again.
      appendFileSync(`${path}.1`, '3\n');
      await follower.untilLines(4);
      assert.deepEqual(follower.shown[2], [`${path}.1`, ['3']]);
      assert.equal(follower.inputs[2]!.input.from, 4);
      assert.equal(follower.inputs[2]!.input.lines, 2);
    });

    test('are all read when that happened more than once before anybody looked', async () => {
      using folder = newFolder();
      const path = folder.at('app.log');
      writeFileSync(`${path}.0`, 'older\n');
      writeFileSync(path, '1\n');
      utimesSync(`${path}.0`, 1, 1);
      await using follower = await following([path]);
      await follower.untilLines(1);
      renameSync(path, `${path}-2026-03-01`);
      writeFileSync(path, '2\n');
      renameSync(path, `${path}.1`);
      writeFileSync(`${path}.2.gz`, gzipSync('3\n'));
      writeFileSync(`${path}.lock`, 'no piece\n');
      writeFileSync(path, '4\n');
      await follower.untilLines(4);
      await follower.atRest();
      assert.deepEqual(follower.lines.toSorted(), ['1', '2', '3', '4']);
      assert.deepEqual(follower.ends.toSorted(), ['whole', 'whole', 'whole', undefined]);
    });

    test('may come back to their name', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      await using follower = await following([path], { idleMs: 1000 });
      await follower.untilLines(1);
      renameSync(path, `${path}.1`);
      await follower.source.changed(20, new AbortController().signal);
      await follower.read();
      renameSync(`${path}.1`, path);
      appendFileSync(path, '2\n');
      await follower.untilLines(2);
      assert.deepEqual(follower.shown, [[path, ['1', '2']]]);
      assert.deepEqual(follower.ends, [undefined]);
    });
  });

  describe('truncated in place', () => {
    test('end, and begin anew; what was not read is told', async () => {
      using folder = newFolder({ 'app.log': '1\n2\ntorn' });
      const path = folder.at('app.log');
      await using follower = await following([path], { pieceBytes: 2 });
      const [input] = await follower.source.arrivals();
      const into = new Uint8Array(6);
      assert.equal(await input!.read(into), 6);
      input!.consumed(into.subarray(0, 4), 2);
      truncateSync(path, 0);
      assert.equal(await input!.read(into), 0);
      assert.equal(input!.end, 'cut');
      assert.match(follower.notes[0]!, /app\.log was truncated: at least 2 bytes of it were not/);
      appendFileSync(path, '3\n');
      await follower.untilLines(1);
      assert.deepEqual(follower.shown, [[path, ['3']]]);
      const [cut, next] = follower.source.marks();
      assert.deepEqual([cut!.position, cut!.lines, cut!.ended], [4, 2, true]);
      assert.deepEqual([next!.position, next!.rank, next!.ended], [2, 1, false]);
    });

    test('are known even when they have grown beyond where they were', async () => {
      using folder = newFolder({ 'app.log': 'one\ntwo\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(2);
      writeFileSync(path, 'three\nfour\nfive\nsix\n');
      await follower.untilLines(6);
      assert.deepEqual(follower.shown, [
        [path, ['one', 'two']],
        [path, ['three', 'four', 'five', 'six']],
      ]);
      assert.deepEqual(follower.ends, ['cut', undefined]);
      assert.deepEqual(follower.notes.length, 1);
    });

    test('are not told to have lost anything when all was read', async () => {
      using folder = newFolder({ 'app.log': 'one\ntwo\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(2);
      truncateSync(path, 0);
      await follower.until(() => follower.ends[0] === 'cut');
      assert.match(follower.notes[0]!, /truncated; all that was seen of it had been read/);
    });

    test('go on where they were when the same is written again', async () => {
      using folder = newFolder({ 'app.log': 'one\ntwo\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(2);
      truncateSync(path, 0);
      await follower.until(() => follower.ends[0] === 'cut');
      writeFileSync(path, 'one\ntwo\nthree\n');
      await follower.untilLines(3);
      assert.deepEqual(follower.lines, ['one', 'two', 'three']);
    });
  });

  describe('deleted', () => {
    test('are read to their end; a new file is a new input', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(1);
      appendFileSync(path, '2\ntorn');
      unlinkSync(path);
      writeFileSync(path, 'new\n');
      await follower.until(() => follower.ends[0] === 'whole');
      await follower.untilLines(4);
      assert.deepEqual(follower.shown, [
        [path, ['1', '2', 'torn']],
        [path, ['new']],
      ]);
    });

    test('are not mixed up with a file that has their inode', async () => {
      using folder = newFolder({ 'app.log': 'one\ntwo\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(2);
      await follower.source.settled(follower.of(path).input); // closes it
      const { ino } = statSync(path);
      replaceWithSameInode(path, ino, 'three\nfour\nfive\n');
      await follower.untilLines(5);
      assert.deepEqual(follower.shown, [
        [path, ['one', 'two']],
        [path, ['three', 'four', 'five']],
      ]);
      assert.deepEqual(follower.ends, ['whole', undefined]);
    });

    test('are waited for; that they are gone is told once', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      await using follower = await following([path]);
      await follower.untilLines(1);
      unlinkSync(path);
      await follower.until(() => follower.notes.length > 0 && follower.ends[0] === 'whole');
      writeFileSync(path, '2\n');
      await follower.untilLines(2);
      assert.deepEqual(follower.notes, [`${path} is gone; it is read on when it comes back`]);
    });
  });

  describe('that are missing', () => {
    test('at the start are an error', async () => {
      using folder = newFolder();
      await assert.rejects(following([folder.at('app.log')]), (error) => {
        assert.ok(error instanceof DaybookError && error.code === 'SOURCE_UNREADABLE');
        assert.match(error.message, /there is no file .*app\.log; check the path/);
        return true;
      });
    });

    test('are waited for where a pattern names them', async () => {
      using folder = newFolder();
      await using follower = await following([folder.at('*.log')], { pace: NEVER });
      assert.deepEqual(await follower.source.arrivals(), []);
      writeFileSync(folder.at('b.log'), 'b\n');
      writeFileSync(folder.at('other.txt'), 'x\n');
      await follower.untilLines(1);
      assert.deepEqual(follower.shown, [[folder.at('b.log'), ['b']]]);
    });

    test('are waited for with their folder', async () => {
      using folder = newFolder();
      mkdirSync(folder.at('logs'));
      const path = folder.at('logs', 'app.log');
      writeFileSync(path, '1\n');
      await using follower = await following([path]);
      await follower.untilLines(1);
      rmSync(folder.at('logs'), { recursive: true });
      await follower.until(() => follower.notes.length > 0);
      mkdirSync(folder.at('logs'));
      writeFileSync(path, '2\n');
      await follower.untilLines(2);
      appendFileSync(path, '3\n');
      await follower.untilLines(3);
      assert.deepEqual(follower.lines, ['1', '2', '3']);
    });
  });
});

/** Deletes a file and writes another until one has its inode; where that never happens, in place. */
function replaceWithSameInode(path: string, inode: number, content: string): void {
  for (let i = 0; i < 100; i++) {
    unlinkSync(path);
    writeFileSync(path, content);
    if (statSync(path).ino === inode) return;
  }
}
