import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { filesOf, LOG } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

const BILL = 'ALICE99 1 31\nCHARLIE 1 2\n';

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
});
