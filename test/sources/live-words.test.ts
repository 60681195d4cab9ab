import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { relative } from 'node:path';
import { describe, test } from 'node:test';
import { asNobody, following, newFolder } from '../support/live.ts';

/** So seldom that what is found is found because the system told of it. */
const NEVER = { pollMs: 3_600_000, restMs: 20 };

describe('live files', () => {
  describe('that may not be read', () => {
    test('are told of once, and read when they may be', async () => {
      using folder = newFolder();
      using _ = asNobody(folder.path);
      const [path, other] = [folder.at('a.log'), folder.at('b.log')];
      writeFileSync(path, '1\n');
      writeFileSync(other, '1\n');
      await using follower = await following([folder.at('*.log')]);
      await follower.untilLines(2);
      await follower.source.settled(follower.of(path).input); // closes it
      chmodSync(path, 0);
      appendFileSync(other, '2\n');
      await follower.until(() => follower.of(path).failures.length > 0);
      await follower.untilLines(3);
      await follower.source.changed(20, new AbortController().signal);
      await follower.read();
      assert.match(
        follower.of(path).failures.join(),
        /^no permission to read .*a\.log; check.*mode$/,
      );
      chmodSync(path, 0o600);
      appendFileSync(path, '3\n');
      await follower.untilLines(4);
      assert.deepEqual(follower.of(path).lines, ['1', '3']);
    });

    test('are told of, and read when they may be, also when they come', async () => {
      using folder = newFolder();
      using _ = asNobody(folder.path);
      await using follower = await following([folder.at('*.log')]);
      writeFileSync(folder.at('a.log'), '1\n', { mode: 0 });
      await follower.until(() => follower.notes.length > 0);
      await follower.source.changed(20, new AbortController().signal);
      await follower.read();
      assert.match(follower.notes.join(), /^no permission to read .*a\.log; check.*mode$/);
      chmodSync(folder.at('a.log'), 0o600);
      await follower.untilLines(1);
    });

    test('are an error at the start', async () => {
      using folder = newFolder();
      using _ = asNobody(folder.path);
      writeFileSync(folder.at('a.log'), '1\n', { mode: 0 });
      await assert.rejects(following([folder.at('a.log')]), /no permission to read .*a\.log/);
    });
  });

  describe('are found', () => {
    test('whatever their names are', async () => {
      using folder = newFolder();
      const names = ['-x', 'a b', 'new\nline', 'ünï', '[a]*', "it's"];
      for (const name of names) writeFileSync(folder.at(name), `${name.length}\n`);
      const words = names.map((name) => folder.at(name));
      const around = folder.at('..', relative(folder.at('..'), folder.path), '-x');
      await using follower = await following([...words, around], { pace: NEVER });
      await follower.untilLines(names.length);
      for (const word of words) appendFileSync(word, 'more\n');
      await follower.untilLines(2 * names.length);
      assert.deepEqual(
        follower.shown,
        words.map((word, i) => [word, [`${names[i]!.length}`, 'more']]),
      );
    });

    test('once, however many words name them', async () => {
      using folder = newFolder({ 'app.log': '1\n' });
      const path = folder.at('app.log');
      symlinkSync(path, folder.at('link.log'));
      const words = [path, folder.at('*.log'), folder.path, path, folder.at('link.log')];
      await using follower = await following(words);
      await follower.untilLines(1);
      appendFileSync(path, '2\n');
      await follower.untilLines(2);
      assert.deepEqual(follower.shown, [[path, ['1', '2']]]);
    });

    test('through links, which may come to lead elsewhere', async () => {
      using folder = newFolder();
      mkdirSync(folder.at('real'));
      const [first, second] = [folder.at('real', '1.log'), folder.at('real', '2.log')];
      const link = folder.at('current');
      writeFileSync(first, '1\n');
      symlinkSync(first, link);
      await using follower = await following([link], { pace: NEVER });
      await follower.untilLines(1);
      appendFileSync(first, '2\n');
      await follower.untilLines(2);
      writeFileSync(second, '3\n');
      symlinkSync(second, `${link}.new`);
      renameSync(`${link}.new`, link);
      appendFileSync(first, '4\n');
      await follower.untilLines(4);
      assert.deepEqual(follower.shown, [
        [link, ['1', '2', '4']],
        [link, ['3']],
      ]);
    });
  });

  describe('read from their ends', () => {
    test('begin there, behind the rest of a line', async () => {
      using folder = newFolder();
      const [whole, torn, empty] = ['whole.log', 'torn.log', 'empty.log'].map((n) => folder.at(n));
      writeFileSync(whole!, '1\n2\n');
      writeFileSync(torn!, '1\n2');
      writeFileSync(empty!, '');
      await using follower = await following([whole!, torn!, empty!], { readFrom: 'end' });
      await follower.read();
      writeFileSync(folder.at('later.log'), 'not named\n');
      appendFileSync(whole!, '3\n');
      appendFileSync(torn!, 'nd\n3\n');
      appendFileSync(empty!, '3\n');
      await follower.untilLines(3);
      assert.deepEqual(follower.shown.sort(), [
        [empty, ['3']],
        [torn, ['3']],
        [whole, ['3']],
      ]);
      const { input } = follower.of(torn!);
      assert.deepEqual([input.from, input.lines, input.withinLine], [3, 2, true]);
      const digest = (path: string) =>
        follower.source.marks().find(({ name }) => name === path)!.digest;
      writeFileSync(folder.at('same'), '1\n2nd\n3\n');
      await using other = await following([folder.at('same')]);
      await other.untilLines(3);
      assert.equal(digest(torn!), other.source.marks()[0]!.digest);
    });

    test('are read from their starts when they come later', async () => {
      using folder = newFolder({ a: '1\n' });
      await using follower = await following([folder.path], { readFrom: 'end' });
      await follower.read();
      writeFileSync(folder.at('b'), '2\n');
      await follower.untilLines(1);
      assert.deepEqual(follower.lines, ['2']);
    });
  });
});
