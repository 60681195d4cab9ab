import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const RUN = join(import.meta.dirname, '../tools/test.ts');
const GOOD = "import { test } from 'node:test'; test('holds', () => {});\n";

describe('a run of all tests', () => {
  test('is well if those of both processes are', () => {
    const { status, stdout } = ran({ a: GOOD, b: `${GOOD}test('later', { skip: 'no disk' });\n` });
    assert.match(stdout, /^1 skipped: no disk$/m);
    assert.match(stdout, /^2 tests passed, 0 failed, 1 skipped/m);
    assert.equal(status, 0);
  });

  test('fails with a test of either, and says which, where and why', () => {
    const bad = `${GOOD}test('breaks', () => { throw new Error('boo'); });\n`;
    for (const files of [
      { a: bad, b: GOOD },
      { a: GOOD, b: bad },
    ]) {
      const { status, stdout } = ran(files);
      assert.match(stdout, /^✖ breaks \(test\/[ab][.]test[.]ts:2\)\n {2}Error: boo$/m);
      assert.match(stdout, /^2 tests passed, 1 failed/m);
      assert.equal(status, 1);
    }
  });

  test('fails if one is killed, or there is none', () => {
    const killed = `${GOOD}test('dies', () => process.kill(process.pid, 'SIGKILL'));\n`;
    const { status, stdout } = ran({ a: GOOD, b: killed });
    assert.match(stdout, /^shard 2\/2: \d+ s, ended with SIGKILL$/m);
    assert.equal(status, 1);
    assert.equal(ran({}).status, 1);
  });
});

/** Runs test files by their names, in a folder of their own. */
function ran(contents: Readonly<Record<string, string>>): SpawnSyncReturns<string> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'daybook-tests-'));
  mkdirSync(join(folder.path, 'test'));
  for (const [name, content] of Object.entries(contents))
    writeFileSync(join(folder.path, `test/${name}.test.ts`), content);
  const { NODE_TEST_CONTEXT: _, ...env } = process.env; // These runs are none of this one.
  return spawnSync(process.execPath, [RUN], { cwd: folder.path, env, encoding: 'utf8' });
}
