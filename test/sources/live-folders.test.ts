import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { following, newFolder } from '../support/live.ts';

const MANY = process.env['DAYBOOK_TEST_FULL'] ? 10_000 : 2_000;

describe('a folder', () => {
  test('brings its files in the natural order of their names', async () => {
    using folder = newFolder();
    const names = ['a.10', 'a.9', 'B', 'a.1', 'a.09', 'c'];
    for (const name of names) writeFileSync(folder.at(name), `${name}\n`);
    await using follower = await following([folder.path]);
    await follower.untilLines(names.length);
    assert.deepEqual(follower.lines, ['a.1', 'a.09', 'a.9', 'a.10', 'B', 'c']);
    assert.deepEqual(
      follower.inputs.map(({ input }) => input.rank),
      [0, 1, 2, 3, 4, 5],
    );
  });

  test('brings neither hidden files nor those of folders within', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('processed'));
    mkdirSync(folder.at('sub'));
    for (const path of [['.hidden'], ['processed', 'x'], ['sub', 'y']])
      writeFileSync(folder.at(...path), 'not\n');
    await using follower = await following([`${folder.path}/`]);
    await follower.read();
    writeFileSync(folder.at('.part'), 'yes\n');
    await follower.atRest(50);
    assert.deepEqual(follower.shown, []);
    renameSync(folder.at('.part'), folder.at('a'));
    await follower.untilLines(1);
    assert.deepEqual(follower.shown, [[folder.at('a'), ['yes']]]);
  });

  test('brings files as they appear, whole or growing', async () => {
    using folder = newFolder();
    await using follower = await following([folder.path], { pace: { pollMs: 3_600_000 } });
    for (let i = 0; i < 5; i++) {
      writeFileSync(folder.at(`.${i}`), `${i}\n`);
      renameSync(folder.at(`.${i}`), folder.at(`${i}`));
      await follower.untilLines(2 * i + 1);
      appendFileSync(folder.at('growing'), `more ${i}\n`);
      await follower.untilLines(2 * i + 2);
    }
    assert.equal(follower.inputs.length, 6);
  });

  test('may vanish and come back', async () => {
    using folder = newFolder();
    const path = folder.at('in');
    mkdirSync(path);
    writeFileSync(folder.at('in', 'a'), '1\n');
    await using follower = await following([path]);
    await follower.untilLines(1);
    rmSync(path, { recursive: true });
    await follower.until(() => follower.notes.length > 0);
    await follower.atRest(50);
    mkdirSync(path);
    writeFileSync(folder.at('in', 'b'), '2\n');
    await follower.untilLines(2);
    appendFileSync(folder.at('in', 'b'), '3\n');
    await follower.untilLines(3);
    assert.deepEqual(follower.notes, [`${path} is gone; it is read on when it comes back`]);
  });

  test('of many files takes few descriptors', async (t) => {
    const descriptors = () => readdirSync('/proc/self/fd').length;
    if (!existsSync('/proc/self/fd')) return t.skip('no /proc here');
    using folder = newFolder();
    for (let i = 0; i < MANY; i++) writeFileSync(folder.at(`${i}.log`), `${i}\n`);
    const before = descriptors();
    await using follower = await following([folder.path]);
    await follower.untilLines(MANY);
    assert.ok(descriptors() - before < 300, `${descriptors() - before}`);
    appendFileSync(folder.at('0.log'), 'more\n');
    renameSync(folder.at('1.log'), folder.at('1.old'));
    appendFileSync(folder.at('1.old'), 'more\n');
    writeFileSync(folder.at('2.log'), 'other\n'); // truncated while it is closed
    await follower.untilLines(MANY + 3);
    assert.deepEqual(follower.of(folder.at('0.log')).lines, ['0', 'more']);
    assert.deepEqual(follower.of(folder.at('1.log')).lines, ['1', 'more']);
    assert.deepEqual(follower.of(folder.at('2.log')).lines, ['other']);
    assert.deepEqual(follower.lines.length, MANY + 3);
    assert.equal(follower.source.marks().length, MANY + 1);
  });

  describe('of which settled files are to be moved', () => {
    test('has them in processed/, with their marks, and goes on without', async () => {
      using folder = newFolder({ a: '1\ntorn' });
      const path = folder.at('a');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      await follower.source.settled(follower.of(path).input);
      await follower.until(() => follower.ends[0] === 'whole');
      assert.deepEqual(follower.lines, ['1', 'torn']);
      assert.equal(readFileSync(folder.at('processed', 'a'), 'utf8'), '1\ntorn');
      writeFileSync(path, '2\n');
      await follower.untilLines(3);
      const marks = follower.source.marks();
      assert.deepEqual(
        marks.map(({ name, ended, position }) => [name, ended, position]),
        [
          [path, true, 6],
          [path, false, 2],
        ],
      );
      assert.deepEqual(follower.notes, []);
    });

    test('finds them there when it was killed before their marks were saved', async () => {
      using folder = newFolder();
      for (const name of ['a', 'b']) writeFileSync(folder.at(name), `${name} 1\n`);
      const follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(2);
      const marks = structuredClone(follower.source.marks());
      appendFileSync(folder.at('a'), 'a 2\n');
      await follower.untilLines(3);
      writeFileSync(folder.at('c'), 'c 1\n');
      await follower.untilLines(4);
      for (const { input } of follower.inputs) await follower.source.settled(input);
      await follower.killed();
      assert.deepEqual(readdirSync(folder.at('processed')).toSorted(), ['a', 'b', 'c']);
      await using again = await following([folder.path], { done: 'move', marks });
      await again.until(
        () => again.ends.every((end) => end === 'whole') && again.ends.length === 2,
      );
      assert.deepEqual(again.lines, ['a 2']); // c came after the marks were saved
      assert.deepEqual(again.notes, []);
    });

    test('overwrites nothing', async () => {
      using folder = newFolder();
      mkdirSync(folder.at('processed'));
      for (const [name, content] of Object.entries({ a: 'old\n', 'a.1': 'older\n' }))
        writeFileSync(folder.at('processed', name), content);
      writeFileSync(folder.at('a'), 'new\n');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      await follower.source.settled(follower.of(folder.at('a')).input);
      const contents = ['a', 'a.1', 'a.2'].map((name) =>
        readFileSync(folder.at('processed', name), 'utf8'),
      );
      assert.deepEqual(contents, ['old\n', 'older\n', 'new\n']);
    });

    test('reads on what is written to a file that was moved', async () => {
      using folder = newFolder({ a: '1\n' });
      const path = folder.at('a');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      await follower.source.settled(follower.of(path).input);
      appendFileSync(folder.at('processed', 'a'), '2\n');
      await follower.until(() => follower.ends[0] === 'whole');
      assert.deepEqual(follower.lines, ['1', '2']);
    });

    test('leaves a file alone that has the name of one that is settled', async () => {
      using folder = newFolder({ a: '1\n' });
      const path = folder.at('a');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      renameSync(path, folder.at('.gone'));
      writeFileSync(path, '2\n');
      await follower.source.settled(follower.of(path).input);
      assert.ok(!existsSync(folder.at('processed', 'a')));
      await follower.untilLines(2);
      assert.deepEqual(follower.lines, ['1', '2']);
    });

    test('moves compressed files, too', async () => {
      using folder = newFolder({ 'a.gz': gzipSync('1\n') });
      const path = folder.at('a.gz');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.until(() => follower.ends[0] === 'whole');
      await follower.atRest(20);
      await follower.source.settled(follower.of(path).input);
      assert.deepEqual(readdirSync(folder.at('processed')), ['a.gz']);
    });

    test('moves at once what holds nothing new', async () => {
      using folder = newFolder({ a: '1\n' });
      const path = folder.at('a');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      await follower.source.settled(follower.of(path).input);
      await follower.until(() => follower.ends[0] === 'whole');
      await follower.atRest(20);
      writeFileSync(path, '1\n');
      await follower.until(() => !existsSync(path));
      assert.deepEqual(readdirSync(folder.at('processed')), ['a', 'a.1']);
      assert.deepEqual(follower.lines, ['1']);
    });

    test('says where one cannot be moved, and keeps it', async () => {
      using folder = newFolder({ a: '1\n' });
      const path = folder.at('a');
      await using follower = await following([folder.path], { done: 'move' });
      await follower.untilLines(1);
      writeFileSync(folder.at('processed'), '');
      await follower.source.settled(follower.of(path).input);
      assert.match(follower.notes.join(), /^cannot move .*a into processed\/: /);
      appendFileSync(path, '2\n');
      await follower.untilLines(2);
    });

    test('leaves files that a path or a pattern named', async () => {
      using folder = newFolder({ 'a.log': '1\n' });
      const path = folder.at('a.log');
      await using follower = await following([folder.at('*.log')], { done: 'move' });
      await follower.untilLines(1);
      await follower.source.settled(follower.of(path).input);
      appendFileSync(path, '2\n');
      await follower.untilLines(2);
    });
  });
});
