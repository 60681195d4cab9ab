import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf, LOG } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

describe('daybook bill', () => {
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

  test('exits with 130 when it is interrupted, and leaves nothing behind', async () => {
    using files = filesOf({ 'bill.csv': 'old' });
    const [target] = files.paths;
    const ran = await daybookEndless(['bill', '-', '-o', target!], 'SIGINT');
    assert.equal(ran.code, 130);
    assert.match(ran.stderr, /^daybook: interrupted[^\n]*\n$/);
    assert.equal(readFileSync(target!, 'utf8'), 'old');
    assert.deepEqual(readdirSync(dirname(target!)), ['bill.csv']);
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
