import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';
import { stored } from '../support/parquet.ts';

const LOG = '14:02:03 Zoë99 Start\n14:02:03 ADA Start\n14:02:05 BOB End\n14:02:34 ADA End\n';
/** Lets the program take its pipe for a terminal. */
const ON_TERMINAL = { NODE_OPTIONS: '--import=data:text/javascript,process.stdout.isTTY=true' };

describe('daybook --format parquet', () => {
  test('writes a file, by its name alone, or into a pipe', async () => {
    using files = filesOf({ 'app.log': LOG });
    const [log] = files.paths as [string];
    const path = join(dirname(log), 'bill.parquet');
    const ran = await daybook(['bill', log, '-o', path, '-q']);
    assert.deepEqual(ran, { code: 0, stdout: '', stderr: '' });
    const { rows, metadata } = await stored(readFileSync(path));
    assert.deepEqual(rows, [
      ['ADA', 1n, 31_000n],
      ['BOB', 1n, 2000n],
    ]);
    const { report, books } = JSON.parse(metadata['daybook']!);
    assert.deepEqual([report, books.read, books.rejected], ['bill', 4, { name: 1 }]);

    const piped = join(dirname(log), 'piped');
    const stdout = openSync(piped, 'w');
    await daybook(['bill', log, '--format', 'parquet'], { stdout });
    closeSync(stdout);
    assert.deepEqual(readFileSync(piped), readFileSync(path));
  });

  test('writes windows as one table', async () => {
    using files = filesOf({ 'app.log': LOG });
    const [log] = files.paths as [string];
    const path = join(dirname(log), 'bill.parquet');
    await daybook(['bill', log, '--every', '10s', '--name', 'ADA', '-o', path]);
    const { rows, schema } = await stored(readFileSync(path));
    assert.match(schema[0]!, /^window_start: /);
    assert.deepEqual(
      rows.map((row) => row.slice(2)),
      [
        ['final', 'ADA', 1n, 7000n, 0n],
        ['final', 'ADA', 0n, 10_000n, 1n],
        ['final', 'ADA', 0n, 10_000n, 1n],
        ['final', 'ADA', 0n, 4000n, 1n],
      ],
    );
  });

  test('is refused where it cannot be, before anything is read', async () => {
    using files = filesOf({ 'app.log': LOG });
    const [log] = files.paths as [string];
    const path = join(dirname(log), 'bill.parquet');
    const shown = await daybook(['bill', log, '--format', 'parquet'], { env: ON_TERMINAL });
    assert.deepEqual(shown, {
      code: 2,
      stdout: '',
      stderr: 'daybook: parquet is no text for a terminal; write it with -o FILE\n',
    });
    const written = await daybook(['bill', log, '-o', path, '-q'], { env: ON_TERMINAL });
    assert.deepEqual(written, { code: 0, stdout: '', stderr: '' });
    const words = ['bill', log, '--every', '1m', '--follow', '-o', `${path}.parquet`];
    const { code, stderr } = await daybook(words);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^daybook: a parquet file is whole or absent, .*; write --format ndjson\n$/,
    );
    assert.ok(!existsSync(`${path}.parquet`));
  });
});
