import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

const LOG = '14:02:03 ALICE99 Start\n14:02:05 CHARLIE End\n14:02:34 ALICE99 End\n';
const BILL = 'ALICE99 1 31\nCHARLIE 1 2\n';
/** How much of an endless line is piped in: more in the long form. */
const ENDLESS_MIB = Number(process.env['DAYBOOK_ENDLESS_MIB'] ?? 64);

describe('daybook bill', () => {
  test('bills a file, several, and standard input, plain or compressed', async () => {
    using files = filesOf({
      'app.log': LOG,
      'app.log.gz': gzipSync(LOG),
      'a b[1].log': LOG.slice(0, 23),
      rest: LOG.slice(23),
    });
    const [plain, gzip, ...pieces] = files.paths;
    for (const words of [[plain!], [gzip!], pieces]) {
      assert.deepEqual(await daybook(['bill', ...words]), { code: 0, stdout: BILL, stderr: '' });
    }
    for (const input of [LOG, gzipSync(LOG), zstdCompressSync(LOG)]) {
      assert.deepEqual(await daybook(['bill'], { input: Buffer.from(input) }), {
        code: 0,
        stdout: BILL,
        stderr: '',
      });
      assert.deepEqual(await daybook(['bill', '-'], { input: Buffer.from(input) }), {
        code: 0,
        stdout: BILL,
        stderr: '',
      });
    }
  });

  test('bills all files that match a pattern, by name', async () => {
    using files = filesOf({ 'app-1.log': LOG.slice(0, 23), 'app-2.log': LOG.slice(23) });
    const pattern = join(dirname(files.paths[0]!), 'app-*.log');
    assert.equal((await daybook(['bill', pattern])).stdout, BILL);
  });

  test('bills a pipe that is named as a file', async () => {
    using files = filesOf({ 'app.log': LOG });
    const pipe = join(dirname(files.paths[0]!), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = spawn('cp', [files.paths[0]!, pipe]);
    assert.equal((await daybook(['bill', pipe])).stdout, BILL);
    writer.kill();
  });

  test('prints nothing for a log with nothing valid, and exits with 0', async () => {
    assert.deepEqual(await daybook(['bill'], { input: '' }), { code: 0, stdout: '', stderr: '' });
    const junk = await daybook(['bill', '-q'], { input: 'junk\n\n \n' });
    assert.deepEqual(junk, { code: 0, stdout: '', stderr: '' });
  });

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

  test('writes a file whole and at once', async () => {
    using files = filesOf({ 'app.log': LOG, 'bill.csv': 'old' });
    const [log, target] = files.paths;
    assert.deepEqual(await daybook(['bill', log!, '-o', target!]), {
      code: 0,
      stdout: '',
      stderr: '',
    });
    assert.equal(
      readFileSync(target!, 'utf8'),
      'name,sessions,seconds\r\nALICE99,1,31\r\nCHARLIE,1,2\r\n',
    );
    assert.deepEqual(readdirSync(dirname(log!)).toSorted(), ['app.log', 'bill.csv']);
  });

  test('never writes over its own input', async () => {
    using files = filesOf({ 'app.log': LOG });
    const [log] = files.paths;
    for (const option of ['-o', '--rejects']) {
      const ran = await daybook(['bill', log!, option, join(dirname(log!), '.', basename(log!))]);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /is an input/);
    }
    assert.equal(readFileSync(log!, 'utf8'), LOG);
  });

  test('leaves no half file on a full disk', { skip: tmpfsReason() }, async () => {
    using files = filesOf({ 'app.log': LOG.repeat(3000) });
    const mount = join(dirname(files.paths[0]!), 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mount]);
    try {
      const target = join(mount, 'sessions.csv');
      const ran = await daybook(['bill', files.paths[0]!, '--explain', '-o', target]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /^daybook: cannot write .*no space left/m);
      assert.deepEqual(readdirSync(mount), []);
      // Sorting spills; where it cannot, it says so.
      const disordered = await daybook(['bill', '-q'], {
        input: shuffled(200_000),
        env: { TMPDIR: mount },
      });
      assert.equal(disordered.code, 1);
      assert.match(disordered.stderr, /^daybook: cannot put events aside .*TMPDIR/m);
      assert.deepEqual(
        readdirSync(mount).filter((name) => name.startsWith('daybook')),
        [],
      );
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  test('fails without a stack when standard output is full', {
    skip: existsSync('/dev/full') ? false : 'no /dev/full',
  }, async () => {
    const full = openSync('/dev/full', 'w');
    const ran = await daybook(['bill'], { input: LOG, stdout: full });
    closeSync(full);
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^daybook: cannot write to standard output: .*ENOSPC[^\n]*\n$/);
  });

  test('ends in silence when nobody reads on', async () => {
    using files = filesOf({ 'app.log': LOG.repeat(5000) });
    const [log] = files.paths;
    const ran = spawnSync(
      'sh',
      ['-c', '"$0" bin/daybook.js bill --explain -q "$1" | head -n 1', process.execPath, log!],
      {
        cwd: join(import.meta.dirname, '../..'),
        encoding: 'utf8',
      },
    );
    assert.equal(ran.stderr, '');
    assert.equal(ran.stdout.split('\n').length, 2);
  });

  test('ends at once when it is interrupted while it waits for input', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const ran = await daybook(['bill', '-v'], {
        onSpawn(child) {
          child.stdin!.end = () => child.stdin!; // Nothing comes, and it stays open.
          child.stdin!.write(LOG);
          setTimeout(() => child.kill(signal), 700);
        },
      });
      assert.deepEqual([ran.code, ran.stdout], [130, '']);
    }
  });

  test('replaces what a link points to, not the link', async () => {
    using files = filesOf({ 'app.log': LOG, 'bill.csv': 'old' });
    const [log, target] = files.paths;
    const link = join(dirname(log!), 'link.csv');
    symlinkSync(target!, link);
    assert.equal((await daybook(['bill', log!, '-o', link])).code, 0);
    assert.match(readFileSync(target!, 'utf8'), /^name,sessions/);
    assert.ok(lstatSync(link).isSymbolicLink());
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

  test('exits with 130 when it is interrupted, and leaves nothing behind', async () => {
    using files = filesOf({ 'bill.csv': 'old' });
    const [target] = files.paths;
    const ran = await daybookEndless(['bill', '-', '-o', target!], 'SIGINT');
    assert.equal(ran.code, 130);
    assert.match(ran.stderr, /^daybook: interrupted[^\n]*\n$/);
    assert.equal(readFileSync(target!, 'utf8'), 'old');
    assert.deepEqual(readdirSync(dirname(target!)), ['bill.csv']);
  });

  test(`rejects a line of ${ENDLESS_MIB} MiB in bounded memory`, async () => {
    const command = `(head -c ${ENDLESS_MIB}M /dev/zero; printf '\\n14:02:03 A Start\\n') | "$0" --import "$1" bin/daybook.js bill -v`;
    const peak = `data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS>>10))`;
    const ran = spawnSync('sh', ['-c', command, process.execPath, peak], {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    });
    assert.equal(ran.stdout, 'A 1 0\n');
    assert.match(ran.stderr, /2 read = 1 counted \+ 1 rejected \(1 too long\)/);
    const peakMiB = Number(/peak (\d+)/.exec(ran.stderr)?.[1]);
    assert.ok(peakMiB < 200, `peak of ${peakMiB} MiB`);
  });

  describe('with records that cannot be read', () => {
    const input = '14:02:03 A Start\njunk\n\n25:00:00 A End\n14:02:05 A End\n';

    test('counts them by reason', async () => {
      const ran = await daybook(['bill', '-v'], { input });
      assert.deepEqual(ran, {
        code: 0,
        stdout: 'A 1 2\n',
        stderr: 'daybook: books: 4 read = 2 counted + 2 rejected (1 field count, 1 time)\n',
      });
    });

    test('writes them out with their places', async () => {
      using files = filesOf({ 'app.log': input });
      const target = `${files.paths[0]}.rejects`;
      const ran = await daybook(['bill', files.paths[0]!, '--rejects', target]);
      assert.equal(ran.code, 0);
      const rejects = readFileSync(target, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(rejects, [
        { input: files.paths[0], line: 2, offset: 17, reason: 'field count', text: 'junk' },
        { input: files.paths[0], line: 4, offset: 23, reason: 'time', text: '25:00:00 A End' },
      ]);
    });

    test('exits with 3 after the report when there are too many', async () => {
      for (const [limit, code] of [
        ['1', 3],
        ['2', 0],
        ['49%', 3],
        ['50%', 0],
      ] as const) {
        const ran = await daybook(['bill', '--max-rejects', limit], { input });
        assert.deepEqual([ran.code, ran.stdout], [code, 'A 1 2\n'], limit);
      }
    });

    test('takes a percentage as it is written', async () => {
      const hundred = 'junk\n'.repeat(29) + '14:02:03 A Start\n'.repeat(71);
      assert.equal((await daybook(['bill', '--max-rejects', '29%'], { input: hundred })).code, 0);
      assert.equal(
        (await daybook(['bill', '--max-rejects', '28.999%'], { input: hundred })).code,
        3,
      );
    });

    test('leaves no file of rejects when it stops', async () => {
      using files = filesOf({ 'app.log': input });
      const ran = await daybook([
        'bill',
        files.paths[0]!,
        '--strict',
        '--rejects',
        `${files.paths[0]}.csv`,
      ]);
      assert.equal(ran.code, 1);
      assert.match(ran.stderr, /^daybook: [^\n]*\n$/);
      const missing = await daybook([
        'bill',
        files.paths[0]!,
        '/absent.log',
        '--rejects',
        `${files.paths[0]}.csv`,
      ]);
      assert.match(missing.stderr, /^daybook: there is no file[^\n]*\n$/);
      assert.deepEqual(readdirSync(dirname(files.paths[0]!)), ['app.log']);
    });

    test('stops at the first with --strict', async () => {
      const ran = await daybook(['bill', '--strict'], { input });
      assert.deepEqual([ran.code, ran.stdout], [1, '']);
      assert.match(ran.stderr, /^daybook: -:2: field count: "junk"/);
    });
  });
});

/** Runs it on input that never ends, and sends a signal once it reads. */
async function daybookEndless(words: string[], signal: NodeJS.Signals) {
  const source = spawn('yes', [LOG.trimEnd()], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ran = await daybook(words, {
    input: undefined,
    onSpawn(child) {
      child.stdin!.end = () => child.stdin!; // `yes` writes until it is ended.
      source.stdout!.pipe(child.stdin!);
      let pieces = 0;
      source.stdout!.on('data', () => {
        pieces++;
        if (pieces === 40) child.kill(signal);
      });
    },
  });
  source.kill();
  return ran;
}

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[copy.length - 6]! ^= 0xff;
  return copy;
}

/** Records in no order of time. */
function shuffled(count: number): string {
  let log = '';
  for (let i = 0; i < count; i++) {
    const clock = new Date(((i * 7919) % 86_400) * 1000).toISOString().slice(11, 19);
    log += `${clock} user${i % 100} ${i % 3 === 0 ? 'End' : 'Start'}\n`;
  }
  return log;
}

function tmpfsReason(): string | false {
  return process.getuid?.() === 0 && existsSync('/proc/self/mounts')
    ? false
    : 'only root can mount a small disk';
}
