import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { following, type LineFollower, newFolder } from '../support/live.ts';

const LINES = Array.from(
  { length: 3000 },
  (_, i) => `${1_600_000_000_000 + i} host${i % 7} target`,
);
const linesOf = (from: number, to: number) => `${LINES.slice(from, to).join('\n')}\n`;
const ROTATED = 'app.log.1';

describe('live files', () => {
  for (const [name, compress] of Object.entries({ gzip: gzipSync, zstd: zstdCompressSync })) {
    describe(`compressed with ${name}`, () => {
      test('are not read again under their new name', async () => {
        using folder = newFolder({ 'app.log': linesOf(0, 100) });
        const path = folder.at('app.log');
        await using follower = await following([folder.at('app.log*')]);
        await follower.untilLines(100);
        renameSync(path, folder.at(ROTATED));
        writeFileSync(path, linesOf(100, 110));
        await follower.untilLines(110);
        writeFileSync(folder.at(`${ROTATED}.gz`), compress(linesOf(0, 100)));
        unlinkSync(folder.at(ROTATED));
        await follower.atRest();
        assert.deepEqual(follower.lines, LINES.slice(0, 110));
        assert.deepEqual(follower.notes, []);
      });

      test('are read on where they hold more', async () => {
        using folder = newFolder({ 'app.log': linesOf(0, 100) });
        const path = folder.at('app.log');
        await using follower = await following([folder.at('app.log*')]);
        await follower.untilLines(100);
        unlinkSync(path);
        writeFileSync(folder.at('app.log.gz'), compress(linesOf(0, 120)));
        await follower.untilLines(120);
        await follower.atRest();
        assert.deepEqual(follower.lines, LINES.slice(0, 120));
        const { input } = follower.of(folder.at('app.log.gz'));
        assert.deepEqual(
          [input.from, input.lines, input.end],
          [linesOf(0, 100).length, 100, 'whole'],
        );
      });

      test('are read when they are complete', async () => {
        using folder = newFolder();
        const packed = compress(linesOf(0, 3000));
        const path = folder.at('app.log.gz');
        await using follower = await following([folder.path], { idleMs: 60_000 });
        for (let at = 0; at < packed.length; at += 5000) {
          appendFileSync(path, packed.subarray(at, at + 5000));
          await follower.atRest(60);
        }
        await follower.untilLines(3000);
        assert.deepEqual(follower.lines, LINES);
        assert.deepEqual(follower.ends, ['whole']);
        assert.deepEqual(follower.notes, []);
      });

      test('are told of where they never become complete, and read if they do later', async () => {
        using folder = newFolder();
        const packed = compress(linesOf(0, 100));
        const path = folder.at('app.log.gz');
        writeFileSync(path, packed.subarray(0, -9));
        await using follower = await following([path]);
        await follower.until(() => follower.notes.length > 0);
        await follower.atRest();
        assert.match(
          follower.notes.join(),
          /^[^,]*app\.log\.gz ends in the middle of its compressed/,
        );
        appendFileSync(path, packed.subarray(-9));
        await follower.untilLines(100);
        assert.deepEqual(follower.notes.length, 1);
      });

      test('are read on when parts are added', async () => {
        using folder = newFolder();
        const path = folder.at('app.log.gz');
        writeFileSync(path, compress(linesOf(0, 100)));
        await using follower = await following([path]);
        await follower.untilLines(100);
        appendFileSync(path, compress(linesOf(100, 150)));
        await follower.untilLines(150);
        appendFileSync(path, compress(linesOf(150, 155)));
        await follower.untilLines(155);
        assert.deepEqual(follower.lines, LINES.slice(0, 155));
      });

      test('are left out where files are read from their ends', async () => {
        using folder = newFolder();
        const path = folder.at('app.log.gz');
        writeFileSync(path, compress(linesOf(0, 100)));
        await using follower = await following([folder.path], { readFrom: 'end' });
        await follower.atRest();
        renameSync(path, folder.at('other'));
        writeFileSync(folder.at('copy'), linesOf(0, 100));
        writeFileSync(folder.at('new'), linesOf(200, 201));
        await follower.untilLines(1);
        await follower.atRest();
        assert.deepEqual(follower.lines, LINES.slice(200, 201));
      });
    });
  }

  test('show their first bytes without moving on, compressed or not', async () => {
    using folder = newFolder({ a: '1\n2\n', b: gzipSync('1\n2\n') });
    await using follower = await following([folder.path], { pace: { restMs: 0 } });
    const inputs = await follower.source.arrivals();
    assert.equal(inputs.length, 2);
    for (const input of inputs) {
      for (const size of [3, 100]) {
        const head = Buffer.from(await input.head(size)).toString();
        assert.equal(head, '1\n2\n'.slice(0, size));
      }
      const into = new Uint8Array(100);
      assert.equal(await input.read(into), 4);
      assert.equal(Buffer.from(await input.head(100)).toString(), '');
    }
  });

  test('compressed, are told of where they go before they are read', async () => {
    using folder = newFolder();
    for (const name of ['a', 'b', 'c']) writeFileSync(folder.at(name), gzipSync(`${name}\n`));
    await using follower = await following([folder.path]);
    await findUnread(follower, 3);
    unlinkSync(folder.at('a'));
    renameSync(folder.at('b'), folder.at('.b'));
    writeFileSync(folder.at('b'), gzipSync('new\n'));
    writeFileSync(folder.at('c'), gzipSync('c\n').subarray(0, -4));
    const [a, b, c] = ['a', 'b', 'c'].map((name) => follower.of(folder.at(name)).input);
    await follower.until(() => [a, b, c].every((input) => input!.end === 'cut'));
    assert.equal((await c!.head(10)).length, 0);
    writeFileSync(folder.at('c'), gzipSync('c\n'));
    await follower.untilLines(2);
    await follower.atRest();
    assert.deepEqual(follower.lines.toSorted(), ['c', 'new']);
    assert.deepEqual(new Set(follower.notes).size, follower.notes.length);
    for (const note of follower.notes)
      assert.match(note, /[ab] is gone; it was not read to its end$|c ends in the middle/);
  });

  test('that are damaged are told of', async () => {
    using folder = newFolder();
    const packed = gzipSync(linesOf(0, 100));
    packed[packed.length - 5]! ^= 1;
    writeFileSync(folder.at('a.gz'), packed);
    writeFileSync(folder.at('b'), linesOf(0, 1));
    await using follower = await following([folder.path]);
    await follower.until(() => follower.notes.length > 0);
    await follower.atRest();
    assert.match(follower.notes.join(), /^[^,]*a\.gz is damaged: [^,]*$/);
    assert.deepEqual(follower.lines, LINES.slice(0, 1));
  });

  describe('copied', () => {
    test('are not read again, which is told', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 100) });
      const path = folder.at('app.log');
      await using follower = await following([folder.path]);
      await follower.untilLines(100);
      copyFileSync(path, folder.at('copy.log'));
      await follower.until(() => follower.notes.length > 0);
      appendFileSync(path, linesOf(100, 200));
      await follower.untilLines(200);
      await follower.atRest();
      assert.deepEqual(follower.lines, LINES.slice(0, 200));
      assert.deepEqual(follower.notes, [
        `${folder.at('copy.log')} holds only what was already read as ${path}`,
      ]);
    });

    test('are read on from there when the copy grows', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 100) });
      const path = folder.at('app.log');
      await using follower = await following([folder.path]);
      await follower.untilLines(100);
      copyFileSync(path, folder.at('copy.log'));
      await follower.until(() => follower.notes.length > 0);
      appendFileSync(path, linesOf(100, 101));
      appendFileSync(folder.at('copy.log'), linesOf(200, 201));
      await follower.untilLines(102);
      await follower.atRest();
      assert.deepEqual(follower.of(folder.at('copy.log')).lines, LINES.slice(200, 201));
    });

    test('while they grow, and slowly, are not read again', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 1000) });
      const path = folder.at('app.log');
      await using follower = await following([folder.path]);
      await follower.untilLines(1000);
      for (let at = 0; at < 1000; at += 100) {
        appendFileSync(folder.at('copy.log'), linesOf(at, at + 100));
        appendFileSync(path, linesOf(1000 + at, 1100 + at));
        await follower.source.changed(10, new AbortController().signal);
        await follower.read();
      }
      await follower.untilLines(2000);
      await follower.until(() => follower.notes.length > 0);
      await follower.atRest();
      assert.deepEqual(follower.lines, LINES.slice(0, 2000));
    });

    test('and truncated are read on in the copy, where that is watched', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 100) });
      const path = folder.at('app.log');
      await using follower = await following([folder.at('app.log*')], { pieceBytes: 100 });
      await follower.untilLines(100);
      appendFileSync(path, `${linesOf(100, 200)}torn`);
      copyFileSync(path, folder.at(ROTATED));
      truncateSync(path, 0);
      appendFileSync(path, linesOf(200, 250));
      await follower.untilLines(250);
      await follower.atRest();
      assert.deepEqual(follower.lines.toSorted(), LINES.slice(0, 250));
      assert.equal(follower.of(folder.at(ROTATED)).held.toString(), 'torn');
      assert.match(follower.notes[0]!, /app\.log was truncated/);
    });

    test('and truncated are not read again when they had grown in between', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 100) });
      const path = folder.at('app.log');
      await using follower = await following([folder.at('app.log*')]);
      await follower.untilLines(100);
      appendFileSync(path, linesOf(100, 105));
      await follower.untilLines(105);
      writeFileSync(folder.at('app.log.tmp'), linesOf(0, 103)); // and two lines came before it was
      truncateSync(path, 0);
      appendFileSync(path, linesOf(200, 250));
      await follower.untilLines(155);
      await follower.atRest();
      assert.deepEqual(follower.lines, [...LINES.slice(0, 105), ...LINES.slice(200, 250)]);
    });

    test('are known when what was copied is gone', async () => {
      using folder = newFolder({ 'app.log': linesOf(0, 100) });
      const path = folder.at('app.log');
      await using follower = await following([folder.path]);
      await follower.untilLines(100);
      unlinkSync(path);
      await follower.until(() => follower.ends[0] === 'whole');
      writeFileSync(folder.at('again.log'), linesOf(0, 100));
      await follower.atRest();
      appendFileSync(folder.at('again.log'), linesOf(100, 101));
      await follower.untilLines(101);
      assert.deepEqual(follower.lines, LINES.slice(0, 101));
      rmSync(folder.at('again.log'));
      await follower.until(() => follower.ends[1] === 'whole');
      writeFileSync(folder.at('once more.log.gz'), gzipSync(linesOf(0, 102)));
      await follower.untilLines(102);
      assert.deepEqual(follower.lines, LINES.slice(0, 102));
    });
  });

  describe('that begin alike', () => {
    test('are read both', async () => {
      using folder = newFolder();
      const header = 'time,source,target,and,more,columns\n';
      writeFileSync(folder.at('1.csv'), `${header}1\n`);
      await using follower = await following([folder.path]);
      await follower.untilLines(2);
      writeFileSync(folder.at('2.csv'), header);
      await follower.atRest();
      appendFileSync(folder.at('2.csv'), '2\n');
      writeFileSync(folder.at('3.csv'), `${header}3\n`);
      appendFileSync(folder.at('1.csv'), '4\n');
      await follower.until(() => ['1', '2', '3', '4'].every((n) => follower.lines.includes(n)));
      assert.deepEqual(follower.lines.filter((line) => line.length === 1).length, 4);
    });

    test('are read both where one has not come further yet', async () => {
      using folder = newFolder();
      const header = 'time,source,target,and,more,columns\n';
      writeFileSync(folder.at('1.csv'), header);
      await using follower = await following([folder.path]);
      await follower.untilLines(1);
      writeFileSync(folder.at('2.csv'), `${header}2\n`);
      await follower.until(() => follower.lines.includes('2'));
      appendFileSync(folder.at('1.csv'), '1\n');
      await follower.until(() => follower.lines.includes('1'));
      assert.equal(follower.lines.length, 3);
    });

    test('are read both when they are there at the start', async () => {
      using folder = newFolder({ '1': linesOf(0, 10), '2': linesOf(0, 10) });
      await using follower = await following([folder.path]);
      await follower.untilLines(20);
    });
  });
});

/** Has a follower find so many inputs, without reading them. */
async function findUnread(follower: LineFollower, count: number): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  while (follower.inputs.length < count) {
    signal.throwIfAborted();
    await follower.source.changed(100, signal);
    await follower.welcome();
  }
  assert.equal(follower.inputs.length, count);
}
