import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { DaybookError } from '../../src/core/errors.ts';
import type { InputMark } from '../../src/core/live-source.ts';
import { following, newFolder } from '../support/live.ts';

const LINES = Array.from({ length: 300 }, (_, i) => `${1_600_000_000_000 + i} host${i % 7} target`);
const linesOf = (from: number, to: number) => `${LINES.slice(from, to).join('\n')}\n`;

/** What was read of the files that words name, when it was stopped after so many lines. */
async function marksAfter(words: readonly string[], lines: number): Promise<InputMark[]> {
  const follower = await following(words);
  await follower.untilLines(lines);
  return follower.killed();
}

describe('live files, with marks,', () => {
  test('go on where they were, also within what was written last', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, `${linesOf(0, 10)}160000`);
    const marks = await marksAfter([path], 10);
    appendFileSync(path, `0 torn\n${linesOf(10, 20)}`);
    await using follower = await following([path], { marks });
    await follower.untilLines(11);
    const { input, lines } = follower.of(path);
    assert.deepEqual(lines, ['1600000 torn', ...LINES.slice(10, 20)]);
    const position = linesOf(0, 10).length;
    const { rank, from, lines: before, withinLine } = input;
    assert.deepEqual([rank, from, before, withinLine], [0, position, 10, false]);
    const [mark] = follower.source.marks();
    writeFileSync(folder.at('same'), `${linesOf(0, 10)}1600000 torn\n${linesOf(10, 20)}`);
    const [same] = await marksAfter([folder.at('same')], 21);
    assert.deepEqual(
      [mark!.digest, mark!.position, mark!.lines, mark!.head],
      [same!.digest, same!.position, same!.lines, same!.head],
    );
    assert.deepEqual(follower.notes, []);
  });

  test('go on as often as they are stopped, with nothing new', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    let marks = await marksAfter([path], 10);
    for (let i = 0; i < 3; i++) {
      const follower = await following([path], { marks });
      await follower.read();
      assert.deepEqual(follower.shown, [[path, []]]);
      const next = await follower.killed();
      assert.deepEqual(next, marks);
      marks = next;
    }
  });

  test('go on where they were rotated to, then in the pieces in between, then in the new file', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    const marks = await marksAfter([path], 10);
    writeFileSync(`${path}.4.gz`, gzipSync(linesOf(290, 300)));
    writeFileSync(`${path}.3`, linesOf(0, 20));
    writeFileSync(`${path}.2.gz`, gzipSync(linesOf(20, 30)));
    writeFileSync(`${path}-old`, linesOf(30, 40));
    writeFileSync(path, linesOf(40, 50));
    writeFileSync(folder.at('app.logs'), linesOf(100, 110));
    ['.4.gz', '.3', '.2.gz', '-old', ''].forEach((suffix, i) => {
      utimesSync(path + suffix, 1000 + i, 1000 + i);
    });
    await using follower = await following([path], { marks });
    await follower.untilLines(40);
    await follower.atRest();
    assert.deepEqual(follower.shown, [
      [`${path}.3`, LINES.slice(10, 20)],
      [`${path}.2.gz`, LINES.slice(20, 30)],
      [`${path}-old`, LINES.slice(30, 40)],
      [path, LINES.slice(40, 50)],
    ]);
    assert.deepEqual(
      follower.inputs.map(({ input }) => input.rank),
      [0, 1, 2, 3],
    );
    assert.deepEqual(follower.ends, ['whole', 'whole', 'whole', undefined]);
    assert.deepEqual(follower.notes, []);
  });

  test('go on in a compressed piece', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    const marks = await marksAfter([path], 10);
    writeFileSync(`${path}.1.gz`, gzipSync(linesOf(0, 20)));
    writeFileSync(path, linesOf(20, 30));
    await using follower = await following([path], { marks });
    await follower.untilLines(20);
    assert.deepEqual(follower.shown, [
      [`${path}.1.gz`, LINES.slice(10, 20)],
      [path, LINES.slice(20, 30)],
    ]);
    assert.deepEqual(
      [follower.of(`${path}.1.gz`).input.rank, follower.of(path).input.rank],
      [0, 1],
    );
  });

  test('are read where nothing of them was read yet, also when they were rotated since', async () => {
    using folder = newFolder();
    const [path, other] = [folder.at('app.log'), folder.at('other.log')];
    writeFileSync(path, linesOf(0, 10));
    writeFileSync(other, '');
    const marks = await marksAfter([path, other], 10);
    const unread = { ...marks[0]!, position: 0, lines: 0, digest: '' };
    renameSync(path, `${path}.1`);
    appendFileSync(other, linesOf(10, 20));
    renameSync(other, `${other}.1`);
    for (const later of [path, other]) writeFileSync(later, '');
    await using follower = await following([path, other], { marks: [unread, ...marks.slice(1)] });
    await follower.untilLines(20);
    assert.deepEqual(follower.shown, [
      [`${path}.1`, LINES.slice(0, 10)],
      [`${other}.1`, LINES.slice(10, 20)],
    ]);
  });

  test('are told of as gone where what was read is found nowhere', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    const marks = await marksAfter([path], 10);
    for (const content of [linesOf(20, 25), linesOf(20, 60)]) {
      writeFileSync(path, content);
      await using follower = await following([path], { marks });
      await follower.untilLines(content.split('\n').length - 1);
      const { rank, from } = follower.of(path).input;
      assert.deepEqual([rank, from], [1, 0]);
      assert.match(follower.notes.join(), /app\.log as it was read before \(\d+ bytes\) is gone/);
      // It is said once.
      await using next = await following([path], { marks: await follower.killed() });
      await next.atRest(50);
      assert.deepEqual(next.notes, []);
    }
  });

  test('begin anew where they were truncated', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    const marks = await marksAfter([path], 10);
    truncateSync(path, 0);
    await using follower = await following([path], { marks });
    await follower.read();
    appendFileSync(path, linesOf(20, 30));
    await follower.untilLines(10);
    assert.deepEqual(follower.lines, LINES.slice(20, 30));
  });

  test('are waited for where they are not there yet', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    const words = [folder.at('app.log'), folder.at('in')];
    writeFileSync(words[0]!, linesOf(0, 10));
    writeFileSync(folder.at('in', 'a'), linesOf(100, 110));
    const marks = await marksAfter(words, 20);
    renameSync(words[0]!, folder.at('x'));
    renameSync(folder.at('in'), folder.at('y'));
    await using follower = await following(words, { marks });
    const waiting = () => follower.notes.filter((note) => note.includes('is gone; it is read on'));
    await follower.until(() => waiting().length === 2);
    renameSync(folder.at('x'), words[0]!);
    appendFileSync(words[0]!, linesOf(10, 20));
    renameSync(folder.at('y'), folder.at('in'));
    appendFileSync(folder.at('in', 'a'), linesOf(110, 120));
    await follower.untilLines(20);
    assert.deepEqual(follower.lines.toSorted(), [...LINES.slice(10, 20), ...LINES.slice(110, 120)]);
  });

  test('that have the same content are not mixed up', async () => {
    using folder = newFolder();
    const [one, two] = [folder.at('one'), folder.at('two')];
    for (const path of [one, two]) writeFileSync(path, linesOf(0, 10));
    const marks = await marksAfter([one, two], 20);
    appendFileSync(one, linesOf(10, 20));
    appendFileSync(two, linesOf(20, 30));
    await using follower = await following([two, one], { marks });
    await follower.untilLines(20);
    assert.deepEqual(
      [follower.of(one).input.rank, follower.of(one).lines, follower.of(two).input.rank],
      [0, LINES.slice(10, 20), 1],
    );
  });

  test('that came while nothing was read are read from their starts', async () => {
    using folder = newFolder({ a: linesOf(0, 10) });
    const marks = await marksAfter([folder.path], 10);
    writeFileSync(folder.at('b'), linesOf(10, 20));
    await using follower = await following([folder.path], { marks, readFrom: 'end' });
    await follower.untilLines(10);
    assert.deepEqual(follower.lines, LINES.slice(10, 20));
  });

  test('that were copied, renamed or compressed are not read again', async () => {
    using folder = newFolder();
    for (const name of ['a', 'b', 'c']) writeFileSync(folder.at(name), linesOf(...range(name)));
    const marks = await marksAfter([folder.path], 30);
    copyFileSync(folder.at('a'), folder.at('a2'));
    renameSync(folder.at('b'), folder.at('b2'));
    writeFileSync(folder.at('c2'), gzipSync(linesOf(...range('c'))));
    unlinkSync(folder.at('c'));
    writeFileSync(folder.at('d'), linesOf(...range('d')));
    for (const withHeads of [true, false]) {
      const given = withHeads ? marks : marks.map(({ head, ...mark }) => mark);
      await using follower = await following([folder.path], { marks: given });
      await follower.untilLines(10);
      await follower.atRest();
      assert.deepEqual(follower.lines, LINES.slice(...range('d')));
    }
  });

  test('that have ended are known', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const path = folder.at('app.log');
    const follower = await following([path]);
    await follower.untilLines(10);
    unlinkSync(path);
    await follower.until(() => follower.ends[0] === 'whole');
    await follower.atRest(20);
    const marks = await follower.killed();
    assert.deepEqual(
      marks.map(({ ended }) => ended),
      [true],
    );
    writeFileSync(path, gzipSync(linesOf(0, 10)));
    writeFileSync(`${path}.2`, linesOf(0, 12));
    await using again = await following([folder.path], { marks });
    await again.untilLines(2);
    await again.atRest();
    assert.deepEqual(again.shown, [[`${path}.2`, LINES.slice(10, 12)]]);
    assert.equal(again.inputs[0]!.input.rank, 1);
  });

  test('refuse standard input', async () => {
    using folder = newFolder({ a: 'a\n' });
    const marks = await marksAfter([folder.path], 1);
    await assert.rejects(following(['-'], { marks }), (error) => {
      assert.ok(error instanceof DaybookError && error.code === 'USAGE');
      return true;
    });
  });
});

function range(name: string): [from: number, to: number] {
  const at = (name.charCodeAt(0) - 'a'.charCodeAt(0)) * 10;
  return [at, at + 10];
}
