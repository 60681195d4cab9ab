import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

const DAYBOOK = join(import.meta.dirname, '../../bin/daybook.js');
const MIDNIGHT = Date.UTC(2024);
const CONNECTION = /^(\d{13}) [A-Z][a-z]+ [A-Z][a-z]+$/;

describe('daybook generate', () => {
  test('writes the same log to standard output, to a file, and into a folder', async () => {
    using scratch = filesOf({ 'app.log': 'what was there is replaced\n'.repeat(9999) });
    const file = scratch.paths[0]!;
    const log = await generated('connections', '--rows', '20000', '--span', '1h');
    assert.equal(log.split('\n').length, 20_001);
    await generated('connections', '--rows', '20000', '--span', '1h', '-o', file);
    assert.equal(readFileSync(file, 'utf8'), log);

    const into = join(dirname(file), 'in/coming');
    await generated(
      ...['connections', '--rows', '20000', '--span', '1h', '--into', into, '--rotate', '5m'],
    );
    const names = readdirSync(into).sort();
    assert.equal(names.length, 12);
    assert.equal(names[1], 'connections-20240101T000500Z.log');
    const contents = names.map((name) => readFileSync(join(into, name), 'utf8'));
    assert.equal(contents.join(''), log);
    for (const [n, content] of contents.entries()) {
      for (const time of timesOf(content)) {
        assert.equal(Math.floor((time - MIDNIGHT) / 300_000), n);
      }
    }
  });

  test('lets a late record stand in the file that was being written when it came', async () => {
    using scratch = filesOf({ none: '' });
    const into = join(dirname(scratch.paths[0]!), 'incoming');
    await generated(
      ...['connections', '--rows', '5000', '--span', '1h', '--disorder', '2m'],
      ...['--into', into, '--rotate', '10m'],
    );
    const names = readdirSync(into).sort();
    assert.equal(names.length, 6);
    for (const [n, name] of names.entries()) {
      const times = timesOf(readFileSync(join(into, name), 'utf8')).map((time) => time - MIDNIGHT);
      assert.ok(Math.max(...times) < (n + 1) * 600_000, name);
      assert.ok(Math.min(...times) >= n * 600_000 - 120_000, name);
      assert.ok(times[0]! >= n * 600_000, name);
    }
  });

  test('makes junk that the bill rejects, and nothing else that it does', async () => {
    const input = await generated('sessions', '--rows', '5000', '--junk', '10%');
    const isRecord = /^\d\d:[0-5]\d:[0-5]\d [A-Za-z0-9]+ (Start|End)$/;
    const junk = input.split('\n').filter((line) => line !== '' && !isRecord.test(line)).length;
    assert.ok(junk > 400 && junk < 600, `${junk}`);
    const { stderr } = await daybook(['bill'], { input });
    assert.match(stderr, new RegExp(`of 5000 records ${junk} `));
  });

  test('grows live by the clock, and ends after a whole line on SIGTERM or SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const begun = Date.now();
      const ran = await daybook(['generate', 'connections', '--rate', '2000/s'], {
        onSpawn: async (child) => {
          await once(child.stdout!, 'data');
          await setTimeout(500);
          child.kill(signal);
        },
      });
      const ended = Date.now();
      assert.equal(ran.code, 0);
      assert.equal(ran.stderr, '');
      assert.ok(ran.stdout.endsWith('\n'));
      const times = timesOf(ran.stdout);
      assert.ok(times.length > 500 && times.length < 2 * (ended - begun), `${times.length}`);
      assert.ok(times[0]! >= begun && times.at(-1)! <= ended);
    }
  });

  test('appends live to a file, as many rows as told', async () => {
    using scratch = filesOf({ 'app.log': `${MIDNIGHT} Here Before\n` });
    const file = scratch.paths[0]!;
    const words = ['--rate', '1000/s', '--rows', '100', '--disorder', '5s', '-o', file];
    assert.equal(await generated('connections', ...words), '');
    assert.equal(timesOf(readFileSync(file, 'utf8')).length, 101);
  });

  test('is the same log live, when it is told the time', async () => {
    const words = ['events', '--rows', '500', '--seed', '7', '--start', '2024-02-29T23:59:59.500Z'];
    const live = await generated(...words, '--rate', '500/s');
    assert.equal(live, await generated(...words, '--span', '1s'));
    assert.match(live, /2024-02-29 23:59:59[.]5.*2024-03-01 00:00:00[.]4/s);
  });

  test('ends in peace when nobody reads on', async () => {
    for (const much of [
      ['--rows', '100000000'],
      ['--rate', '1000/s'],
    ]) {
      const child = spawn(process.execPath, [DAYBOOK, 'generate', 'sessions', ...much]);
      child.stdout.once('data', () => child.stdout.destroy());
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    }
  });

  describe('says in one line what is wrong and what to try', () => {
    const cases: [words: string[], message: RegExp][] = [
      [[], /how many lines\? Say --rows 1000000, or --rate 1000\/s/],
      [['--rows', '0'], /whole number from 1 to/],
      [['--rows', '1e6'], /whole number/],
      [['--rows', '1.5'], /whole number/],
      [['--rows', '9', '--seed', '-1'], /whole number from 0/],
      [['--rows', '9', '--names', '0'], /whole number from 1/],
      [['--rate', '1000'], /lines a second, such as 1000\/s/],
      [['--rate', '0/s'], /lines a second/],
      [['--rate', '9/s', '--span', '1h'], /leave out --span/],
      [['--rows', '9', '--span', '0s'], /longer than 0/],
      [['--rows', '9', '--junk', '0.5'], /percentage such as 0\.5%/],
      [['--rows', '9', '--junk', '101%'], /percentage/],
      [['--rows', '9', '--disorder', '5'], /no duration/],
      [['--rows', '9', '--start', '1969-12-31T23:59:59Z'], /from 1970 to 9999/],
      [['--rows', '9', '--start', '9999-12-31', '--span', '2d'], /beyond the year 9999/],
      [['--rows', '9', '--rotate', '5m'], /--into and --rotate go together/],
      [['--rows', '9', '--into', 'x'], /--into and --rotate go together/],
      [['--rows', '9', '--into', 'x', '--rotate', '5m', '-o', 'y'], /one place/],
    ];
    for (const [words, message] of cases) {
      test(`for ${words.join(' ') || 'no words'}`, async () => {
        const ran = await daybook(['generate', 'connections', ...words]);
        assert.equal(ran.code, 2);
        assert.equal(ran.stdout, '');
        assert.match(ran.stderr, /^daybook: /);
        assert.match(ran.stderr, message);
      });
    }

    test('for a kind that there is not', async () => {
      const ran = await daybook(['generate', 'sales', '--rows', '9']);
      assert.equal(ran.code, 2);
      assert.match(ran.stderr, /Allowed choices are sessions, connections, events/);
    });

    test('for a place that cannot be written to', async () => {
      using scratch = filesOf({ file: '' });
      const [file] = scratch.paths;
      const folder = dirname(file!);
      for (const [path, ...place] of [
        [folder, '-o'],
        [join(folder, 'absent/app.log'), '-o'],
        [file!, '--rotate', '5m', '--into'],
      ] as const) {
        const ran = await daybook(['generate', 'sessions', '--rows', '9', ...place, path]);
        assert.equal(ran.code, 1);
        assert.match(ran.stderr, /^daybook: cannot write .*\n$/);
        assert.ok(ran.stderr.includes(basename(path)), ran.stderr);
      }
    });
  });
});

async function generated(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await daybook(['generate', ...words]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  return stdout;
}

function timesOf(log: string): number[] {
  const lines = log.split('\n').slice(0, -1);
  return lines.map((line) => {
    const [, time] = CONNECTION.exec(line) ?? assert.fail(`no record: ${line}`);
    return Number(time);
  });
}
