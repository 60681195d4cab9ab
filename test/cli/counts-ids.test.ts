import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { daybook, type RunOptions } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';

const rowOf = (who: string, id: string, at = '09:00') =>
  `${who},login,${id},2021-03-01T${at}:00Z\n`;

/** Counts with an id column; nothing of the store that it takes may stay. */
async function counted(words: readonly string[], options: RunOptions & { cwd: string }) {
  const temporary = `${options.cwd}/tmp`;
  mkdirSync(temporary);
  const env = { TMPDIR: temporary };
  const ran = await daybook(['counts', '--id-column', '3', ...words], { ...options, env });
  const left = readdirSync(temporary).filter((name) => name.startsWith('daybook-'));
  assert.deepEqual(left, []);
  return ran;
}

describe('counts --id-column', () => {
  test('counts each id once, of several files and of standard input', async () => {
    using folder = newFolder({ 'a.csv': rowOf('ada', '1') + rowOf('ada', '2') });
    const input = rowOf('ada', '2') + rowOf('bob', '3') + rowOf('bob', '3');
    const ran = await counted(['a.csv', '-', '-v'], { cwd: folder.path, input });
    assert.deepEqual(ran, {
      code: 0,
      stdout: 'ada 2021-03-01T09:00:00Z 2 none\nbob 2021-03-01T09:00:00Z 1 none\n',
      stderr: 'daybook: books: 5 read = 3 counted + 0 rejected + 2 duplicate\n',
    });
  });

  test('takes the first of several contents, and lists the others as conflicts', async () => {
    using folder = newFolder({
      'a.csv': rowOf('ada', '1') + rowOf('ada', '1', '09:30') + rowOf('bob', '1'),
    });
    const words = ['a.csv', '-v', '--rejects', 'rejects.csv', '--format', 'csv'];
    const { code, stdout, stderr } = await counted(words, { cwd: folder.path });
    assert.equal(code, 0);
    assert.match(stdout, /^subject,.*\r\nada,2021-03-01T09:00:00Z,1,none\r\n$/);
    assert.match(stderr, /3 read = 1 counted \+ 0 rejected \+ 2 conflict/);
    const [, ...conflicts] = readFileSync(folder.at('rejects.csv'), 'utf8').trimEnd().split('\r\n');
    assert.deepEqual(
      conflicts.map((row) => row.split(',').slice(0, 4).join()),
      ['a.csv,2,33,conflict', 'a.csv,3,66,conflict'],
    );
  });

  test('counts windows and single events of each id once, too', async () => {
    using folder = newFolder({
      'a.csv': rowOf('ada', '1') + rowOf('ada', '2', '10:00') + rowOf('ada', '1'),
    });
    const every = await counted(['a.csv', '--every', '1h'], { cwd: folder.path });
    assert.equal(every.stdout.match(/ada/g)?.length, 2, every.stdout);
    using other = newFolder({ 'a.csv': readFileSync(folder.at('a.csv')) });
    const explained = await counted(['a.csv', '--explain'], { cwd: other.path });
    assert.equal(explained.stdout.match(/ada/g)?.length, 2, explained.stdout);
  });

  test('fails as without it where a file cannot be read, or is followed', async () => {
    for (const [words, code, message] of [
      [['missing.csv'], 1, /there is no file missing.csv/],
      [['a.csv', '--follow', '--every', '1h'], 2, /--follow cannot tell ids apart/],
      [['a.csv', '--time-column', 'constructor'], 2, /a.csv: .*constructor/],
    ] as const) {
      using folder = newFolder({ 'a.csv': rowOf('ada', '1') });
      const ran = await counted(words, { cwd: folder.path });
      assert.deepEqual([ran.code, ran.stdout], [code, '']);
      assert.match(ran.stderr, message);
    }
  });
});
