import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { FollowerProcess } from '../support/follower.ts';

const START = 1_600_000_000_000;
const WINDOWS = ['--every', '10s', '--max-disorder', '0s'];
const SMALL_DISK = process.getuid?.() === 0 ? false : 'only root can mount a small disk';

describe('--follow --rejects', () => {
  let folder = '';
  let disk = '';
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-follow-'));
    disk = at('small');
    mkdirSync(disk);
    if (!SMALL_DISK) execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
  });
  afterEach(() => {
    if (!SMALL_DISK) execFileSync('umount', [disk]);
    rmSync(folder, { recursive: true });
  });
  const fill = () =>
    assert.throws(() => writeFileSync(join(disk, 'filler'), Buffer.alloc(64 << 10)), /ENOSPC/);

  test('goes on when the file takes nothing, and fails in the end', {
    skip: existsSync('/dev/full') ? false : 'no /dev/full',
  }, async () => {
    writeFileSync(at('app.log'), `${junk(0, 3)}${records(0, 11)}`);
    await using follower = new FollowerProcess([
      ...['top', at('app.log'), ...WINDOWS],
      ...['--rejects', '/dev/full'],
    ]);
    await follower.until('the first window', () => follower.stdout.includes(' final Ada 10\n'));
    appendFileSync(at('app.log'), `${junk(3, 5)}${records(11, 21)}`);
    await follower.until('the next', () => follower.stdout.split(' final Ada 10\n').length === 3);
    assert.equal(await follower.end('SIGTERM'), 1);
    const [first, books, last, ...more] = follower.stderr.trimEnd().split('\n');
    assert.match(first!, /cannot write \/dev\/full: ENOSPC.*; rejects wait for room there/);
    assert.match(books!, /listed in \/dev\/full but for 5$/);
    assert.match(last!, /cannot write \/dev\/full: ENOSPC.*; rejects that are not listed: 5$/);
    assert.deepEqual(more, []);
  });

  test('lists what waited as soon as there is room', { skip: SMALL_DISK }, async () => {
    const path = join(disk, 'rejects.ndjson');
    writeFileSync(at('app.log'), `${junk(0, 50)}${records(0, 11)}`);
    await using follower = new FollowerProcess([
      'top',
      at('app.log'),
      ...WINDOWS,
      '--rejects',
      path,
    ]);
    await follower.until('some', () => textsOf(path).length === 50);
    fill();
    appendFileSync(at('app.log'), junk(50, 500));
    await follower.until('told', () => follower.stderr.includes('rejects wait for room'));
    rmSync(join(disk, 'filler'));
    await follower.until('told', () => follower.stderr.includes('are listed'));
    assert.equal(await follower.end('SIGTERM'), 0);
    assert.deepEqual(textsOf(path), junk(0, 500).trimEnd().split('\n'));
  });

  for (const signal of ['SIGTERM', 'SIGKILL'] as const)
    test(`lists each once that a checkpoint kept through ${signal}`, {
      skip: SMALL_DISK,
    }, async () => {
      const path = join(disk, 'rejects.ndjson');
      const words = ['top', at('app.log'), ...WINDOWS, '--rejects', path];
      words.push('--checkpoint', at('state'));
      writeFileSync(at('app.log'), `${junk(0, 50)}${records(0, 11)}`);
      {
        await using follower = new FollowerProcess(words);
        await follower.until('some', () => textsOf(path).length === 50);
        fill();
        appendFileSync(at('app.log'), `${junk(50, 500)}${records(11, 21)}`);
        await follower.until('windows', () => follower.stdout.split('final Ada 10').length === 3);
        await follower.until('saved', () => readFileSync(at('state')).includes('junk 499'));
        assert.equal(await follower.end(signal), signal === 'SIGTERM' ? 1 : null);
        const kept = /not listed: 450; the checkpoint keeps 450 of them\n$/;
        if (signal === 'SIGTERM') assert.match(follower.stderr, kept);
      }
      rmSync(join(disk, 'filler'));
      appendFileSync(at('app.log'), junk(500, 510));
      await using follower = new FollowerProcess(words);
      await follower.until('the rest', () => textsOf(path).length >= 510);
      assert.equal(await follower.end('SIGTERM'), 0);
      assert.deepEqual(textsOf(path), junk(0, 510).trimEnd().split('\n'));
    });
});

/** A connection of Ada's each second, from one second on up to another. */
function records(from: number, to: number): string {
  const seconds = Array.from({ length: to - from }, (_, i) => from + i);
  return seconds.map((second) => `${START + second * 1000} Ada Bob\n`).join('');
}

/** Lines that are no records, from one number on up to another. */
function junk(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `junk ${from + i}\n`).join('');
}

/** The texts that a file of rejects lists in whole lines. */
function textsOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as { text: string }).text);
}
