import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DAYBOOK, daybook } from '../support/cli.ts';
import { FollowerProcess } from '../support/follower.ts';

const START = 1_600_000_000_000;
const WINDOWS = ['--every', '10s', '--max-disorder', '0s', '--idle', '1s'];

describe('--follow', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-follow-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const at = (...names: string[]) => join(folder, ...names);

  test('reports what is written behind what was there, and ends with 0 on a signal', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      writeFileSync(at('app.log'), records(0, 9));
      await using follower = new FollowerProcess(['top', at('app.log'), ...WINDOWS]);
      appendFileSync(at('app.log'), records(9, 11));
      await follower.until('the first window', () => follower.stdout.includes(' final Ada 10\n'));
      assert.equal(await follower.end(signal), 0);
      // What is not final would be lost otherwise.
      assert.match(follower.stdout, /:50Z .*:00Z provisional Ada 1\n$/);
    }
  });

  test('holds a line until its end is written', async () => {
    writeFileSync(at('app.log'), records(0, 9));
    await using follower = new FollowerProcess(['top', at('app.log'), ...WINDOWS]);
    const [line] = records(9, 10).split('\n');
    appendFileSync(at('app.log'), line!.slice(0, 8));
    appendFileSync(at('app.log'), `${line!.slice(8)}aptive`);
    appendFileSync(at('app.log'), `\n${records(10, 11)}`);
    await follower.until('the window', () => follower.stdout.includes(' final Ada 10\n'));
    assert.match(follower.stdout, /final Ada 10\n/);
    assert.equal(await follower.end('SIGTERM'), 0);
  });

  test('ends when a pipe ends, with all windows final', async () => {
    const ran = await daybook(['top', '-', ...WINDOWS, '--follow'], { input: records(0, 25) });
    assert.equal(ran.code, 0);
    assert.deepEqual(ran.stdout.match(/final Ada \d+/g), [
      'final Ada 10',
      'final Ada 10',
      'final Ada 5',
    ]);
  });

  test('moves files of a folder that are through, and never over another', async () => {
    mkdirSync(at('in', 'processed'), { recursive: true });
    writeFileSync(at('in', 'processed', 'a.log'), 'older\n');
    writeFileSync(at('in', 'a.log'), records(0, 12));
    writeFileSync(at('in', 'b.log'), records(12, 31));
    const words = ['top', at('in'), ...WINDOWS, '--done', 'move', '--limit', '1'];
    await using follower = new FollowerProcess(words);
    await follower.until('moved', () => readdirSync(at('in', 'processed')).length === 2);
    writeFileSync(at('in', 'c.log'), records(31, 42));
    const finals = () => follower.stdout.split('final Ada 10\n').length - 1;
    await follower.until('the fourth window', () => finals() === 4);
    assert.equal(readFileSync(at('in', 'processed', 'a.log'), 'utf8'), 'older\n');
    assert.equal(await follower.end('SIGTERM'), 0);
  });

  test('goes on from a checkpoint in the state folder, whatever became of the file', async () => {
    const words = ['top', at('app.log'), ...WINDOWS, '--checkpoint', 'mine', '-o', at('out')];
    const env = { XDG_STATE_HOME: at('state') };
    writeFileSync(at('app.log'), records(0, 15));
    {
      await using follower = new FollowerProcess(words, { env });
      await follower.until('a window', () => existsSync(at('out')) && told(at('out')).length > 0);
      assert.equal(await follower.end('SIGTERM'), 0);
    }
    assert.ok(existsSync(at('state', 'daybook', 'mine')));
    appendFileSync(at('app.log'), records(15, 25));
    renameSync(at('app.log'), at('app.log.1'));
    writeFileSync(at('app.log'), records(25, 41));
    await using follower = new FollowerProcess(words, { env });
    const finals = () => told(at('out')).filter((line) => line.includes('final'));
    await follower.until('all windows', () => finals().length === 4);
    assert.deepEqual(
      finals().map((line) => line.split(' ').slice(2).join(' ')),
      ['final Ada 10', 'final Ada 10', 'final Ada 10', 'final Ada 10'],
    );
    assert.equal(await follower.end('SIGTERM'), 0);
  });

  test('goes on with other files when one cannot be read or vanishes', async () => {
    mkdirSync(at('in'));
    writeFileSync(at('in', 'bad.log.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    writeFileSync(at('in', 'gone.log'), records(0, 3));
    writeFileSync(at('app.log'), records(0, 12));
    await using follower = new FollowerProcess(['top', at('in'), at('app.log'), ...WINDOWS]);
    await follower.until('a window', () => follower.stdout.includes('final Ada 13'));
    await follower.until('a message', () => follower.stderr.includes('bad.log.gz'));
    rmSync(at('in'), { recursive: true });
    appendFileSync(at('app.log'), records(12, 31));
    await follower.until('another', () => follower.stdout.includes('final Ada 10'));
    assert.equal(await follower.end('SIGTERM'), 0);
  });

  test('waits when there is no room for its checkpoint, and counts nothing twice', {
    skip: process.getuid?.() === 0 ? false : 'only root can mount a small disk',
  }, async () => {
    const mount = at('small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount]);
    try {
      writeFileSync(at('app.log'), records(0, 5));
      const words = ['top', at('app.log'), ...WINDOWS, '-o', at('out')];
      await using follower = new FollowerProcess([...words, '--checkpoint', join(mount, 'state')]);
      await follower.until('begun', () => existsSync(join(mount, 'state')));
      assert.throws(() => writeFileSync(join(mount, 'filler'), Buffer.alloc(64 << 10)), /ENOSPC/);
      appendFileSync(at('app.log'), records(5, 15));
      await follower.until('told', () => follower.stderr.includes('no space left'));
      assert.deepEqual(told(at('out')), []);
      rmSync(join(mount, 'filler'));
      await follower.until('a window', () => told(at('out')).length > 0);
      assert.equal(await follower.end('SIGTERM'), 0);
      assert.deepEqual(
        told(at('out')).map((line) => line.split(' ').slice(2).join(' ')),
        ['final Ada 10'],
      );
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  test('refuses what cannot be, before anything is read', async () => {
    writeFileSync(at('app.log'), records(0, 3));
    mkdirSync(at('in'));
    const cases: [words: string[], message: RegExp][] = [
      [
        ['top', '-', '--every', '10s', '--checkpoint', at('state')],
        /standard input cannot be read/,
      ],
      [['top', at('app.log')], /--follow reports windows; say how long with --every/],
      [['top', at('app.log'), '--every', '10s', '--format', 'json'], /--format ndjson/],
      [['top', at('in'), '--every', '10s', '-o', at('in', 'out')], /would be followed itself/],
      [['top', at('app.log'), '--every', '10s', '-o', at('app.log')], /would be followed itself/],
      [['top', at('app.log'), '--every', '10s', '--checkpoint', ''], /--checkpoint/],
    ];
    for (const [words, message] of cases) {
      const ran = await daybook([...words, '--follow']);
      assert.deepEqual([ran.code, ran.stdout], [2, '']);
      assert.match(ran.stderr, message);
    }
    const missing = await daybook(['top', at('no.log'), '--every', '10s', '--follow']);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /there is no file/);
  });

  test('keeps a checkpoint to itself while it runs, and after a kill no longer', async () => {
    writeFileSync(at('app.log'), records(0, 15));
    const words = ['top', at('app.log'), ...WINDOWS, '--checkpoint', at('state')];
    await using follower = new FollowerProcess(words);
    await follower.until('a window', () => follower.stdout.includes('final'));
    const other = await daybook([...words, '--follow']);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /process \d+ is using it/);
    await follower.end('SIGKILL');
    await using next = new FollowerProcess(words);
    appendFileSync(at('app.log'), records(15, 25));
    await next.until('the next window', () => next.stdout.includes(':00Z final Ada 10'));
    assert.equal(await next.end('SIGTERM'), 0);
  });

  test('keeps for the next one what nobody read of standard output', async () => {
    const fifo = at('fifo');
    execFileSync('mkfifo', [fifo]);
    writeFileSync(at('app.log'), records(0, 15));
    const words = ['top', at('app.log'), ...WINDOWS, '--checkpoint', at('state')];
    {
      const shell = `exec "$@" --follow > "${fifo}"`;
      const child = spawn('sh', ['-c', shell, 'sh', process.execPath, DAYBOOK, ...words]);
      const closed = once(child, 'close');
      const reader = await open(fifo, 'r');
      await reader.read(Buffer.alloc(1000));
      await reader.close();
      appendFileSync(at('app.log'), records(15, 45));
      assert.deepEqual(await closed, [0, null]);
    }
    await using follower = new FollowerProcess(words);
    await follower.until('the rest', () => follower.stdout.split('final Ada 10').length === 4);
    assert.equal(await follower.end('SIGTERM'), 0);
  });

  test('does not take the checkpoint of something else for its own', async () => {
    writeFileSync(at('app.log'), records(0, 15));
    const checkpoint = ['--checkpoint', at('state')];
    {
      await using follower = new FollowerProcess(['top', at('app.log'), ...WINDOWS, ...checkpoint]);
      await follower.until('a window', () => follower.stdout.includes('final'));
      assert.equal(await follower.end('SIGTERM'), 0);
    }
    const other = ['top', at('app.log'), '--every', '20s', '--follow', ...checkpoint];
    const ran = await daybook(other);
    assert.equal(ran.code, 2);
    assert.match(ran.stderr, /checkpoint of something else/);
  });
});

/** A connection of Ada's each second, from one second on up to another. */
function records(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `${START + (from + i) * 1000} Ada Bob\n`).join(
    '',
  );
}

function told(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
    .map((line) => line.trimEnd());
}
