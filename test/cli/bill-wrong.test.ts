import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { filesOf, LOG } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

describe('daybook bill', () => {
  describe('says in one line what is wrong and what to try', () => {
    const cases: [
      name: string,
      content: Record<string, string | Buffer>,
      word: string,
      message: RegExp,
    ][] = [
      ['a missing file', {}, 'absent.log', /no file .*absent\.log; check the path/],
      ['a pattern without a match', {}, 'absent-*.log', /no file matches .*absent-\*\.log/],
      ['a folder', {}, '.', /is a folder; name the files in it/],
      [
        'a truncated gzip',
        { 'a.gz': gzipSync(LOG.repeat(99)).subarray(0, 40) },
        'a.gz',
        /a\.gz ends in the middle .*copy it anew/,
      ],
      [
        'a truncated zstd',
        { 'a.zst': zstdCompressSync(LOG.repeat(99)).subarray(0, 30) },
        'a.zst',
        /a\.zst ends in the middle .*copy it anew/,
      ],
      ['a damaged gzip', { 'a.gz': damaged(gzipSync(LOG)) }, 'a.gz', /a\.gz is damaged/],
      [
        'a zstd with something behind',
        { 'a.zst': Buffer.concat([zstdCompressSync(LOG), Buffer.from('more')]) },
        'a.zst',
        /something else; cut it off/,
      ],
    ];
    for (const [name, content, word, message] of cases) {
      test(`for ${name}`, async () => {
        using files = filesOf({ 'app.log': LOG, ...content });
        const ran = await daybook(['bill', join(dirname(files.paths[0]!), word)]);
        assert.equal(ran.code, 1);
        assert.equal(ran.stdout, '');
        assert.match(ran.stderr, message);
        assert.equal(ran.stderr.trimEnd().split('\n').length, 1, ran.stderr);
      });
    }

    for (const [words, message] of [
      [['--from', '14:00', '--to', '13:00'], /ends .*before it begins/],
      [['--to', '14:00', '--through', '14:00'], /one end/],
      [['--from', '2021-02-30T00:00:00Z', '--date', '2021-02-28'], /2021-02-30/],
      [['--from', '2021-03-01T00:00:00'], /names no zone/],
      [['--tz', 'Europe/Atlantis'], /no time zone/],
      [['--date', '2021-02-29'], /no day/],
      [['--rate', '1e3'], /no price/],
      [['--currency', 'EUR'], /needs a --rate/],
      [['--session-timeout', '5 minutes'], /no duration/],
      [['--max-rejects', 'many'], /percentage/],
      [['--threads', '0'], /1 to 1024/],
      [['--format', 'xml'], /Allowed choices/],
      [['--formt', 'csv'], /Did you mean --format/],
      [['-', '-'], /given twice/],
      [['--from', '2026-03-01T00:00:00Z'], /which day is the log of/],
      [['-o', 'a.csv', '--rejects', './a.csv'], /cannot hold both/],
      [['--max-disorder', 'x', 'absent.log'], /no duration/],
    ] as const) {
      test(`for ${words.join(' ')}, exiting with 2`, async () => {
        const ran = await daybook(['bill', ...words], { input: LOG });
        assert.deepEqual([ran.code, ran.stdout], [2, '']);
        assert.match(ran.stderr, message);
        assert.doesNotMatch(ran.stderr, /\n {4}at /);
      });
    }
  });

  test('says so when standard input is a folder', async () => {
    const folder = openSync(import.meta.dirname, 'r');
    const ran = spawnSync(
      process.execPath,
      [join(import.meta.dirname, '../../bin/daybook.js'), 'bill'],
      {
        stdio: [folder, 'pipe', 'pipe'],
        encoding: 'utf8',
      },
    );
    closeSync(folder);
    assert.deepEqual([ran.status, ran.stdout], [1, '']);
    assert.match(ran.stderr, /^daybook: standard input is a folder[^\n]*\n$/);
  });

  test('keeps control characters of names from the terminal', async () => {
    const ran = await daybook(['bill', 'no\u001b[31m.log']);
    assert.equal(ran.code, 1);
    assert.ok(!ran.stderr.includes('\u001b'), ran.stderr);
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 6]! ^= 0xff;
  return copy;
}
