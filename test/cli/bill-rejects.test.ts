import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

/** How much of an endless line is piped in: more in the long form. */
const ENDLESS_MIB = Number(process.env['DAYBOOK_ENDLESS_MIB'] ?? 64);

describe('daybook bill', () => {
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
