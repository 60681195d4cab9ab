import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
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
import { filesOf, LOG } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

describe('daybook bill', () => {
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

  test('replaces what a link points to, not the link', async () => {
    using files = filesOf({ 'app.log': LOG, 'bill.csv': 'old' });
    const [log, target] = files.paths;
    const link = join(dirname(log!), 'link.csv');
    symlinkSync(target!, link);
    assert.equal((await daybook(['bill', log!, '-o', link])).code, 0);
    assert.match(readFileSync(target!, 'utf8'), /^name,sessions/);
    assert.ok(lstatSync(link).isSymbolicLink());
  });
});

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
