import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

const LOG = '1565647204351 Aadvik Matina\n1565647205599 Keimy Matina\n1565647212986 Matina Keimy\n';
/** How much of an endless line is piped in: more in the long form. */
const ENDLESS_MIB = Number(process.env['DAYBOOK_ENDLESS_MIB'] ?? 64);

/** Lines that are no records, and why. */
const WRONG: [name: string, line: string | Buffer, reason: string][] = [
  ['two fields', '1565647204351 Aadvik', 'field count'],
  ['four fields', '1565647204351 Aadvik Matina Keimy', 'field count'],
  ['one field', 'junk', 'field count'],
  ['no number', 'yesterday Aadvik Matina', 'time'],
  ['a fraction', '1565647204351.5 Aadvik Matina', 'time'],
  ['a negative number', '-1565647204351 Aadvik Matina', 'time'],
  ['a signed number', '+1565647204351 Aadvik Matina', 'time'],
  ['a hexadecimal number', '0x16C88 Aadvik Matina', 'time'],
  ['an exponent', '1e12 Aadvik Matina', 'time'],
  ['digits of another script', '١٥٦ Aadvik Matina', 'time'],
  ['a number beyond 2^53', '9007199254740993 Aadvik Matina', 'time'],
  ['a number of 400 digits', `${'9'.repeat(400)} Aadvik Matina`, 'time'],
  ['a NUL', '1565647204351 Aad\0vik Matina', 'host'],
  ['a control character', '1565647204351 Aadvik \u001b[31mMatina', 'host'],
  ['invalid UTF-8', Buffer.from('1565647204351 Aadvik Mat\xffna', 'latin1'), 'encoding'],
  ['a surrogate as UTF-8', Buffer.from('1565647204351 Aadvik \xed\xa0\x80', 'latin1'), 'encoding'],
  ['two MiB', `1565647204351 Aadvik ${'x'.repeat(2 << 20)}`, 'too long'],
];

describe('daybook on connections', () => {
  describe('counts as a reject, at its place,', () => {
    for (const [name, line, reason] of WRONG) {
      test(`a line with ${name}`, async () => {
        const log = Buffer.concat([Buffer.from(LOG), Buffer.from(line), Buffer.from(`\n\n${LOG}`)]);
        using files = filesOf({ 'hosts.log': log });
        const [path] = files.paths;
        const target = `${path}.rejects`;
        for (const words of [
          ['hosts', '--host', 'Matina'],
          ['traffic', '--host', 'Matina', '--every', '1h'],
        ]) {
          const ran = await daybook([...words, path!, '--rejects', target, '-v']);
          assert.equal(ran.code, 0);
          const books = `7 read = 6 counted + 1 rejected (1 ${reason})`;
          assert.equal(ran.stderr, `daybook: books: ${books}\n`);
          const { text, ...place } = JSON.parse(readFileSync(target, 'utf8'));
          assert.deepEqual(place, { input: path, line: 4, offset: LOG.length, reason });
          const shown = Buffer.from(line).toString().slice(0, 1024);
          assert.equal(text, shown);
        }
      });
    }
  });

  test('takes blanks, tabs, CR LF, a byte order mark and a missing last line end as they are', async () => {
    const loose = '\ufeff  1 a\tb  \r\n\r\n \t\n01\t \ta b\r\n2 a b';
    const ran = await daybook(['top', '-v'], { input: loose });
    assert.deepEqual(ran, {
      code: 0,
      stdout: 'a 3\n',
      stderr: 'daybook: books: 3 read = 3 counted + 0 rejected\n',
    });
  });

  test(`rejects a line of ${ENDLESS_MIB} MiB in bounded memory`, () => {
    const command = `(head -c ${ENDLESS_MIB}M /dev/zero; printf '\\n1 a b\\n') | "$0" --import "$1" bin/daybook.js top -v`;
    const peak = `data:text/javascript,process.on('exit',()=>console.error('peak',process.resourceUsage().maxRSS>>10))`;
    const ran = spawnSync('sh', ['-c', command, process.execPath, peak], {
      cwd: join(import.meta.dirname, '../..'),
      encoding: 'utf8',
    });
    assert.equal(ran.stdout, 'a 1\n');
    assert.match(ran.stderr, /2 read = 1 counted \+ 1 rejected \(1 too long\)/);
    const peakMiB = Number(/peak (\d+)/.exec(ran.stderr)?.[1]);
    assert.ok(peakMiB < 200, `peak of ${peakMiB} MiB`);
  });

  test('answers with nothing where there is nothing, and exits with 0', async () => {
    for (const words of [
      ['hosts', '--host', 'nobody'],
      ['hosts', '--host', 'matina'],
      ['hosts', '--host', 'Matin'],
      ['hosts', '--host', ''],
      ['hosts', '--host', 'Aadvik', '--direction', 'in'],
      ['top', '--from', '5', '--to', '5'],
      ['top', '--from', '1565647204351', '--to', '1565647204351', '--every', '1h'],
      ['hosts', '--host', 'Matina', '--through', '1565647204350'],
    ])
      assert.deepEqual(await daybook(words, { input: LOG }), { code: 0, stdout: '', stderr: '' });
    for (const input of ['', '\n\n'])
      assert.deepEqual(await daybook(['top'], { input }), { code: 0, stdout: '', stderr: '' });
  });

  test('shows the busiest hosts in `traffic` of a host that is nowhere', async () => {
    const { stdout } = await daybook(['traffic', '--host', 'nobody'], { input: LOG });
    assert.equal(stdout, 'busiest Aadvik 1\nbusiest Keimy 1\nbusiest Matina 1\n');
  });

  test('takes host names as they are, whatever they are', async () => {
    const names = ['constructor', '__proto__', '10', '=1+1', '-', 'Zoë', '\u{1f600}', '"a,b"'];
    const input = names.map((name, i) => `${i} ${name} z\n`).join('');
    const { stdout } = await daybook(['top', '--format', 'ndjson'], { input });
    const hosts = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).host);
    assert.deepEqual(hosts.toSorted(), names.toSorted());
    for (const host of names) {
      const ran = await daybook(['hosts', `--host=${host}`], { input });
      assert.equal(ran.stdout, 'z 0 1\n', host);
    }
  });

  test('says how much it left unread', async () => {
    const later = '1565733598341 Keimy Dmetri\n'.repeat(5000);
    using files = filesOf({ 'hosts.log': LOG + later });
    const range = ['--from', '1565647204351', '--to', '1565647300000'];
    const ran = await daybook(['top', files.paths[0]!, ...range, '-v']);
    assert.equal(ran.stdout, 'Aadvik 1\nKeimy 1\nMatina 1\n');
    const unread = /; (\d+) bytes unread\n$/.exec(ran.stderr)?.[1];
    assert.ok(Number(unread) > later.length - 20_000, ran.stderr);
  });

  test('says how many records came too late', async () => {
    const input = '700000 a b\n700000 a b\n400000 exact b\n399999 late b\n';
    const ran = await daybook(['top', '--every', '1m', '--format', 'csv', '-v'], { input });
    assert.match(ran.stdout, /,final,exact,1\r\n/);
    assert.doesNotMatch(ran.stdout, /late/);
    assert.equal(
      ran.stderr,
      'daybook: 1 records came too late to be counted; --max-disorder says how late they may come\n' +
        'daybook: books: 4 read = 3 counted + 0 rejected + 1 late\n',
    );
  });

  describe('says in one line what is wrong, exiting with 2,', () => {
    for (const [words, message] of [
      [['hosts'], /required option '--host <host>'/],
      [['traffic'], /required option '--host <host>'/],
      [['top', '--every', '5h'], /"5h" is no interval of the clock; write a divisor of a day/],
      [['top', '--every', '1mo', '--align', 'first'], /no interval from the first record on/],
      [['top', '--every', 'hour'], /no interval/],
      [['top', '--follow'], /--follow reports windows; say how long with --every/],
      [['bill', '--follow'], /--follow reports windows/],
      [['top', '--every', '1h', '--idle', '10s'], /--idle is for inputs that grow; add --follow/],
      [['top', '--read-from', 'end'], /--read-from is for inputs that grow/],
      [['top', '--done', 'move'], /--done is for inputs that grow/],
      [['top', '--checkpoint', 'x'], /--checkpoint is for inputs that grow/],
      [['top', '--follow', '--every', '1h', '--checkpoint', 'x', '-'], /standard input cannot be/],
      [['top', '--follow', '--every', '1h', '--format', 'json'], /ndjson/],
      [['top', '--from', '6', '--to', '5'], /the range ends \(5\) before it begins \(6\)/],
      [['top', '--to', '6', '--through', '5'], /one end/],
      [['top', '--from', '2019-08-12T22:00:04'], /names no zone/],
      [['top', '--from', '9007199254740993'], /no time in ms/],
      [['top', '--by', 'both'], /Allowed choices are sent, received, either/],
      [['top', '--limit', '0'], /whole number from 1 on/],
      [['top', '--limit', '1.5'], /whole number from 1 on/],
      [['top', '--max-disorder', '5'], /no duration/],
      [['top', '--every', '1h', '--max-jump', 'far'], /no duration/],
      [['top', '--time-unit', 'ns'], /Allowed choices are s, ms, us/],
      [['hosts', '--host', 'x', '--direction', 'up'], /Allowed choices are in, out, both/],
      [['top', '-', '-'], /given twice/],
    ] as const) {
      test(`for ${words.join(' ')}`, async () => {
        const ran = await daybook(words, { input: LOG });
        assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
        assert.match(ran.stderr, message);
        assert.doesNotMatch(ran.stderr, /\n {4}at /);
      });
    }
  });

  test('ends at once when windows are interrupted while they wait for input', async () => {
    const ran = await daybook(['top', '-', '--every', '1s', '--max-disorder', '0s'], {
      onSpawn(child) {
        child.stdin!.end = () => child.stdin!; // Nothing more comes, and it stays open.
        child.stdin!.write(LOG);
        child.stdout!.once('data', () => child.kill('SIGINT'));
      },
    });
    assert.equal(ran.code, 130);
    assert.match(ran.stdout, / final Aadvik 1\n/);
    assert.match(ran.stderr, /^daybook: interrupted[^\n]*\n$/);
  });

  test('is strict and limits rejects where it is told to', async () => {
    const input = `${LOG}junk\n`;
    const strict = await daybook(['top', '--strict'], { input });
    assert.deepEqual([strict.code, strict.stdout], [1, '']);
    assert.match(strict.stderr, /^daybook: -:4: field count: "junk"/);
    const limited = await daybook(['top', '--max-rejects', '0', '-q'], { input });
    assert.deepEqual([limited.code, limited.stdout], [3, 'Aadvik 1\nKeimy 1\nMatina 1\n']);
    const windows = await daybook(['top', '--every', '1h', '--max-rejects', '0'], { input });
    assert.equal(windows.code, 3);
  });
});
