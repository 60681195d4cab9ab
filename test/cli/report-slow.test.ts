import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ActivityFolder, ADA_AND_CY, needsDatabases } from '../support/activity-folder.ts';
import { observe, untilOthers } from '../support/sql-sessions.ts';

const REPORT = ['report', 'active-users', '--as-of', '2026-03-01'];
const SLEEPING = 'SELECT id, name, status FROM users, pg_sleep(600)';
const SORTING = 'SELECT user_id, day FROM done, seq_1_to_1000000 AS a, seq_1_to_1000000 AS b';

describe('daybook report of slow databases', needsDatabases(), () => {
  test('waits for both, however long they take', { timeout: 60_000 }, async () => {
    using it = await ActivityFolder.made();
    await using users = await observe(it.users);
    await using done = await observe(it.done);
    await users.run('BEGIN');
    await users.run('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    await done.run('LOCK TABLES done WRITE');
    const running = it.run(REPORT);
    await untilOthers(users, (asked) => asked.some((sql) => sql.includes('"users"')));
    await untilOthers(done, (asked) => asked.some((sql) => sql.includes('`done`')));
    assert.deepEqual(it.files(), {});
    await users.run('ROLLBACK');
    await done.run('UNLOCK TABLES');
    const { code, stderr } = await running;
    assert.equal(code, 0, stderr);
    assert.deepEqual(it.files(), { '2026-03-01.csv': ADA_AND_CY });
  });

  test('ends at Ctrl-C while both are at work, and leaves nothing behind anywhere', {
    timeout: 60_000,
  }, async () => {
    using it = await ActivityFolder.made();
    await using users = await observe(it.users);
    await using done = await observe(it.done);
    it.slow({ users: SLEEPING, done: SORTING });
    const temporary = join(it.folder, 'tmp');
    mkdirSync(temporary);
    const atWork = (asked: readonly string[]) => asked.some((sql) => sql.includes('ORDER BY'));
    let interrupted = 0;
    const ran = await it.run(REPORT, {
      env: { TMPDIR: temporary },
      onSpawn: (child) =>
        void Promise.all([untilOthers(users, atWork), untilOthers(done, atWork)]).finally(() => {
          interrupted = performance.now();
          child.kill('SIGINT');
        }),
    });
    const took = performance.now() - interrupted;
    assert.deepEqual(ran, { code: 130, stdout: '', stderr: 'daybook: interrupted\n' });
    assert.ok(took < 5000, `${took} ms`);
    await untilOthers(users, (asked) => asked.length === 0);
    await untilOthers(done, (asked) => asked.length === 0);
    const rendered = readdirSync(temporary).filter((name) => name.startsWith('daybook-'));
    assert.deepEqual([it.files(), rendered], [{}, []]);
    const [run] = await it.runs();
    assert.deepEqual([run?.['state'], run?.['error']], ['failed', 'interrupted']);
  });
});
