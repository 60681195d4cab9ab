import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';
import { FollowerProcess } from '../support/follower.ts';
import { newFolder } from '../support/live.ts';

const LOG = `acme,login,t1,2021-03-01 00:11:25.277+00
acme,login,"t2
on two lines",2021-03-01 00:11:25.277+00
`;
const ROWS = 'acme 2021-03-01T00:00:00Z 4 none\n';
/** How large a cell is piped in: more in the long form. */
const ENDLESS_MIB = Number(process.env['DAYBOOK_ENDLESS_MIB'] ?? 64);

/** Rows that are no events, and why. */
const WRONG: [name: string, row: string | Buffer, reason: string][] = [
  ['too few fields', 'acme,login,t3', 'field count'],
  ['one field', 'junk', 'field count'],
  ['more fields than it must have', 'acme,login,t3,2021-03-01 00:00:00Z,', 'field count'],
  ['no customer', ',login,t3,2021-03-01 00:00:00Z', 'subject'],
  ['an empty quoted customer', '"",login,t3,2021-03-01 00:00:00Z', 'subject'],
  ['a NUL in the customer', 'ac\0me,login,t3,2021-03-01 00:00:00Z', 'subject'],
  ['no time', 'acme,login,t3,', 'time'],
  ['a date that does not exist', 'acme,login,t3,2021-02-29 00:00:00Z', 'time'],
  ['a month that does not exist', 'acme,login,t3,2021-13-01 00:00:00Z', 'time'],
  ['an hour that does not exist', 'acme,login,t3,2021-03-01 24:00:00Z', 'time'],
  ['a leap second', 'acme,login,t3,2021-03-01 23:59:60Z', 'time'],
  ['a number beyond 2^53', 'acme,login,t3,9007199254740993', 'time'],
  ['an offset that does not exist', 'acme,login,t3,2021-03-01 00:00:00+24:00', 'time'],
  ['no zone', 'acme,login,t3,2021-03-01 00:00:00', 'no zone'],
  ['a quote in the middle', 'ac"me,login,t3,2021-03-01 00:00:00Z', 'quote'],
  ['something behind a quote', '"acme"x,login,t3,2021-03-01 00:00:00Z', 'quote'],
  ['invalid UTF-8', Buffer.from('\xff,login,t3,2021-03-01 00:00:00Z', 'latin1'), 'encoding'],
  ['a cell of 10 MB', `acme,login,${'x'.repeat(10 << 20)},2021-03-01 00:00:00Z`, 'too long'],
];

describe('daybook counts', () => {
  describe('counts as a reject, at its place,', () => {
    for (const [name, row, reason] of WRONG) {
      test(`a row with ${name}`, async () => {
        const log = Buffer.concat([Buffer.from(LOG), Buffer.from(row), Buffer.from(`\n\n${LOG}`)]);
        using files = filesOf({ 'events.csv': log });
        const [path] = files.paths;
        const target = `${path}.rejects`;
        const words = ['counts', path!, '--fields', '4', '--rejects', target, '-v'];
        const ran = await daybook(words);
        assert.deepEqual([ran.code, ran.stdout], [0, ROWS]);
        const books = `5 read = 4 counted + 1 rejected (1 ${reason})`;
        assert.equal(ran.stderr, `daybook: books: ${books}\n`);
        const { text, ...place } = JSON.parse(readFileSync(target, 'utf8'));
        assert.deepEqual(place, { input: path, line: 4, offset: LOG.length, reason });
        assert.equal(text, Buffer.from(row).toString().slice(0, 1024));
        // Without rejects being kept, the file is cut between threads.
        const cut = await daybook([...words.slice(0, 4), '-v']);
        assert.deepEqual([cut.stdout, cut.stderr], [ROWS, ran.stderr]);
      });
    }
  });

  test('loses no row behind a quote that never closes', async () => {
    const input = `${LOG}acme,login,"t3,2021-03-01 00:00:00Z\n${LOG}`;
    const ran = await daybook(['counts', '-v'], { input });
    assert.equal(ran.stdout, ROWS);
    assert.match(ran.stderr, /5 read = 4 counted \+ 1 rejected \(1 quote\)/);
  });

  for (const [name, prefix] of [
    ['line', ''],
    ['quoted cell', 'acme,login,\\"'],
  ] as const) {
    test(`rejects a ${name} of ${ENDLESS_MIB} MiB in bounded memory`, () => {
      const row = 'acme,login,t1,2021-03-01 00:00:00Z\\n';
      const command = `(printf '${prefix}'; head -c ${ENDLESS_MIB}M /dev/zero; printf '\\n${row}') | "$0" --import "$1" bin/daybook.js counts -v`;
      const peak = `data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS>>10))`;
      const ran = spawnSync('sh', ['-c', command, process.execPath, peak], {
        cwd: join(import.meta.dirname, '../..'),
        encoding: 'utf8',
      });
      assert.equal(ran.stdout, 'acme 2021-03-01T00:00:00Z 1 none\n');
      assert.match(ran.stderr, /2 read = 1 counted \+ 1 rejected/);
      const peakMiB = Number(/peak (\d+)/.exec(ran.stderr)?.[1]);
      assert.ok(peakMiB < 200, `peak of ${peakMiB} MiB`);
    });
  }

  test('takes subjects as they are, whatever they are', async () => {
    const names = ['constructor', '__proto__', '10', '=1+1', '-', ' ', 'Zoë', '\u{1f600}', 'a,b'];
    const input = names.map((name) => `"${name}",x,t,2021-03-01 00:00:00Z\n`).join('');
    const { stdout } = await daybook(['counts', '--format', 'ndjson'], { input });
    const subjects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).subject);
    assert.deepEqual(subjects, names.toSorted());
    for (const name of names) {
      const ran = await daybook(['counts', `--subject=${name}`, '--format', 'csv'], { input });
      assert.match(ran.stdout, /,1,none\r\n$/, name);
    }
  });

  test('reports what a growing file holds, also when a quoted cell is written in two', async () => {
    using folder = newFolder();
    const path = folder.at('events.csv');
    const [front, back] = LOG.split('on two');
    const at = (time: string) => `acme,login,t3,2021-03-01 ${time}Z\n`;
    writeFileSync(path, `customer,type,id,at\n${LOG}${at('01:00:00')}${front}`);
    const words = ['counts', path, '--subject-column', 'customer', '--time-column', 'at'];
    await using follower = new FollowerProcess([...words, '--every', '1h', '--max-disorder', '1h']);
    const told = (state: string, count: number) =>
      follower.stdout.includes(` ${state} acme 2021-03-01T00:00:00Z ${count} none\n`);
    await follower.until('what there is', () => told('provisional', 2));
    appendFileSync(path, `on two${back}${at('02:00:00')}`);
    await follower.until('the first hour', () => told('final', 4));
    assert.equal(await follower.end('SIGTERM'), 0);
    assert.match(follower.stdout, /provisional acme 2021-03-01T02:00:00Z 1 none\n$/);
  });

  describe('says in one line what is wrong, exiting with 2,', () => {
    for (const [words, message] of [
      [['--tz', 'Mars/Olympus'], /"Mars\/Olympus" is no time zone; write one such as/],
      [['--interval', '0'], /"0" is no interval of the clock; write a divisor of a day/],
      [['--interval', '7m'], /"7m" is no interval of the clock/],
      [['--subject-column', 'whose'], /there is no column "whose" .* there are "acme", "login"/],
      [['--type-column', 'kind'], /there is no column "kind"/],
      [['--time-column', '0'], /"0" is no column/],
      [['--fields', '0'], /whole number from 1 on/],
      [['--value', 'mean'], /Allowed choices are sum, min, max/],
      [['--value', 'max'], /--value needs a --value-column/],
      [['--from', '6', '--to', '5'], /the range ends \(5\) before it begins \(6\)/],
      [['--max-jump', '1h'], /--max-jump is for windows/],
    ] as const) {
      test(`for ${words.join(' ')}`, async () => {
        const ran = await daybook(['counts', ...words], { input: LOG });
        assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
        assert.match(ran.stderr, message);
        assert.doesNotMatch(ran.stderr, /\n {4}at /);
      });
    }
  });
});
