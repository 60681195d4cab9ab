import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const GIT = ['-C', ROOT, 'ls-files', '--cached'];

/** `npm run test:deploy` builds and runs it. */
describe('the image', () => {
  const skip = spawnSync('git', GIT).status !== 0 && 'no git, or not its checkout';

  test('is built of all that is checked in, since its build runs the tests', { skip }, () => {
    const words = [...GIT, '--ignored', '--exclude-from', join(ROOT, '.dockerignore')];
    assert.equal(execFileSync('git', words, { encoding: 'utf8' }), '');
  });
});
