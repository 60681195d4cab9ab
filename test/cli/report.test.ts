import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { sqliteRuns } from '../../src/stores/sqlite/sqlite-runs.ts';
import { ActivityFolder, ADA_AND_CY, needsDatabases } from '../support/activity-folder.ts';
import { stored } from '../support/parquet.ts';
import { postgresServer } from '../support/postgres-server.ts';

const REPORT = ['report', 'active-users', '--as-of', '2026-03-01'];
const SHA256 = createHash('sha256').update(ADA_AND_CY).digest('hex');
const NOTES =
  'daybook: 2 listed, 0 without activity\ndaybook: 1 with activity (1 in all) are not among those listed\n';

/** A server that takes connections and says nothing; Ctrl-C comes to who asks it. */
async function silentServer() {
  const server = createServer().listen(0, '127.0.0.1');
  const asked = new Promise((resolve) => server.once('connection', resolve));
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `postgres://postgres@127.0.0.1:${port}/platform`,
    onSpawn: (child: ChildProcess) => void asked.then(() => child.kill('SIGINT')),
    [Symbol.dispose]: () => void server.close(),
  };
}

describe('daybook report', needsDatabases(), () => {
  test('puts a report into its destination, enters the run, and changes nothing the next time', async () => {
    using it = await ActivityFolder.made();
    const first = await it.run(REPORT);
    const line = `active-users 2026-03-01: wrote 2 rows, 62 bytes, to ${it.folder}/out/2026-03-01.csv\n`;
    assert.deepEqual(first, { code: 0, stdout: line, stderr: NOTES });
    assert.deepEqual(it.files(), { '2026-03-01.csv': ADA_AND_CY });
    const second = await it.run(['report', '--as-of', '2026-03-01']);
    assert.match(second.stdout, /: unchanged, 2 rows, 62 bytes, in .*\/out\/2026-03-01[.]csv\n$/);
    const runs = await it.runs();
    assert.deepEqual(
      runs.map(({ state, rows, bytes }) => [state, rows, bytes]),
      [
        ['done', 2, 62],
        ['unchanged', 2, 62],
      ],
    );
    const shown = await it.run(['runs', 'show', String(runs[0]!['run'])]);
    assert.match(shown.stdout, new RegExp(`^sha256 +${SHA256}$`, 'm'));
    assert.match(shown.stdout, /^input +database platform, table users: 2 rows, sha256 /m);
    const json = await it.run(['runs', 'show', String(runs[1]!['run']), '--json']);
    assert.equal(JSON.parse(json.stdout).state, 'unchanged');
  });

  test('replaces other content only when told, and says before what it would do', async () => {
    using it = await ActivityFolder.made();
    const trial = () => it.run([...REPORT, '--dry-run']);
    assert.match((await trial()).stdout, /would write 2 rows, 62 bytes, to /);
    assert.deepEqual([it.files(), (await it.run(['runs'])).code], [{}, 1]);
    writeFileSync(join(it.folder, 'out/2026-03-01.csv'), 'mine');
    assert.match((await trial()).stdout, /would be refused, 2 rows.*other content stands in /);
    const refused = await it.run(REPORT);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /^daybook: .*2026-03-01[.]csv has other content; .*overwrite/);
    assert.deepEqual(it.files(), { '2026-03-01.csv': 'mine' });
    assert.match((await it.run([...REPORT, '--dry-run', '--overwrite'])).stdout, /would replace/);
    assert.equal((await it.run([...REPORT, '--overwrite'])).code, 0);
    assert.match((await trial()).stdout, /would change nothing, 2 rows/);
    assert.deepEqual(it.files(), { '2026-03-01.csv': ADA_AND_CY });
    const states = (await it.runs()).map(({ state }) => state);
    assert.deepEqual(states, ['failed', 'done']);
  });

  test('writes any format, elsewhere too, and then enters no run', async () => {
    using it = await ActivityFolder.made();
    const printed = await it.run([...REPORT, '-o', '-']);
    assert.deepEqual(printed, { code: 0, stdout: ADA_AND_CY, stderr: NOTES });
    const path = join(it.folder, 'out/x.parquet');
    assert.equal((await it.run([...REPORT, '-o', path])).code, 0);
    assert.equal((await stored(readFileSync(path))).rows.length, 2);
    const json = await it.run([...REPORT, '-o', '-', '--format', 'json']);
    assert.equal(JSON.parse(json.stdout).rows[1].name, 'Cy');
    assert.match((await it.run(['runs'])).stderr, /no report was made yet/);
    it.configure('format: ndjson\ndestination: { type: file, path: "out/{year}/{month}.csv" }');
    const made = await it.run(REPORT);
    assert.match(made.stdout, /out\/2026\/03[.]csv$/m);
    it.configure('');
    assert.deepEqual((await it.run(REPORT)).stdout, ADA_AND_CY);
  });

  test('is shown as a table, with what it counted below', async () => {
    using it = await ActivityFolder.made();
    const { code, stdout } = await it.run([...REPORT, '-o', '-', '--format', 'table']);
    assert.equal(code, 0);
    assert.match(stdout, /^ *id +name +date +lessons *$/m);
    assert.match(stdout, /^ *2 +Ada +2026-02-28 +2 *$/m);
    assert.match(stdout, /^ *10 +Cy +2026-03-01 +1 *$/m);
  });

  test('is written as text, a row a line, also of who did nothing', async () => {
    using it = await ActivityFolder.made();
    await it.changeDone('DELETE FROM done WHERE user_id = 10');
    const { stdout } = await it.run([...REPORT, '-o', '-', '--format', 'text']);
    assert.deepEqual(stdout.split('\n'), ['2 Ada 2026-02-28 2', '10 Cy - 0', '']);
    const { stdout: table } = await it.run([...REPORT, '-o', '-', '--format', 'table']);
    assert.match(table, /^ *10 +Cy +0 *$/m);
  });

  test('is the one with default: true among several, whose runs are told apart', async () => {
    using it = await ActivityFolder.made();
    const parts = `type: activity
    subjects: { database: platform, table: users, key: id }
    activity: { database: learning, table: done, key: user_id, time: day }
    destination: { type: file, path: "out/{report}.csv" }`;
    const others = `  other:\n    default: true\n    ${parts}\n  broken:\n    ${parts.replace('table: users', 'table: none')}`;
    it.configure(undefined, { others });
    assert.match((await it.run(['report'])).stdout, /^other .*out\/other[.]csv$/m);
    assert.equal((await it.run(REPORT)).code, 0);
    assert.equal((await it.run(['report', 'broken'])).code, 2);
    const listed = async (...words: string[]) => {
      const { stdout } = await it.run(['runs', ...words, '--format', 'ndjson']);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line).report);
    };
    assert.deepEqual(await listed(), ['broken', 'active-users', 'other']);
    assert.deepEqual(await listed('--report', 'other'), ['other']);
    assert.deepEqual(await listed('--state', 'failed'), ['broken']);
    assert.deepEqual(await listed('--state', 'done'), ['active-users', 'other']);
    assert.deepEqual(await listed('--state', 'failed', '--report', 'other'), []);
    it.configure(undefined, { others: others.replace('default: true', 'default: false') });
    const unclear = await it.run(['report']);
    assert.equal(unclear.code, 2);
    assert.match(unclear.stderr, /which report: active-users, other, broken[?]/);
  });

  test('writes nothing where a database is down, and enters why', async () => {
    using it = await ActivityFolder.made();
    it.configure(undefined, { users: 'postgres://daybook:sesame@127.0.0.1:1/platform' });
    const { code, stdout, stderr } = await it.run(REPORT);
    assert.deepEqual([code, stdout, it.files()], [1, '', {}]);
    assert.match(stderr, /^daybook: database platform \(127[.]0[.]0[.]1:1\).* no server answers/);
    const [run] = await it.runs();
    assert.equal(run?.['state'], 'failed');
    assert.match(String(run?.['error']), /no server answers there/);
    assert.doesNotMatch(JSON.stringify(run) + stderr, /sesame/);
  });

  test('enters that Ctrl-C ended it, also where a database does not answer', async () => {
    using it = await ActivityFolder.made();
    using silent = await silentServer();
    it.configure(undefined, { users: silent.url });
    const ran = await it.run(REPORT, silent);
    assert.deepEqual(ran, { code: 130, stdout: '', stderr: 'daybook: interrupted\n' });
    const [run] = await it.runs();
    assert.deepEqual([run?.['state'], run?.['error']], ['failed', 'interrupted']);
  });

  test('leaves a report alone that another process makes', async () => {
    using it = await ActivityFolder.made();
    const history = sqliteRuns({ path: join(it.folder, 'daybook.db') });
    const ran = await history.alone('active-users', () => it.run(REPORT));
    await history.close();
    const told = 'daybook: another process is making active-users\n';
    assert.deepEqual(ran, { code: 1, stdout: '', stderr: told });
    assert.deepEqual([await it.runs(), it.files()], [[], {}]);
  });

  test('leaves nothing behind where Ctrl-C comes while it is written elsewhere', async () => {
    using it = await ActivityFolder.made();
    using silent = await silentServer();
    it.configure(undefined, { users: silent.url });
    const ran = await it.run([...REPORT, '-o', join(it.folder, 'out/x.csv')], silent);
    assert.deepEqual(ran, { code: 130, stdout: '', stderr: 'daybook: interrupted\n' });
    assert.deepEqual(it.files(), {});
  });

  test('ends at Ctrl-C also where the history does not answer', async () => {
    using it = await ActivityFolder.made();
    using silent = await silentServer();
    it.configure(undefined, {
      others: 'history: { type: postgres, database: platform }',
      users: silent.url,
    });
    const ran = await it.run(REPORT, silent);
    assert.deepEqual(ran, { code: 130, stdout: '', stderr: 'daybook: interrupted\n' });
  });

  test('makes what is due once, and says which report failed', async () => {
    using it = await ActivityFolder.made();
    it.configure(
      'schedule: "0 0 * * *"\nretries: 0\ndestination: { type: file, path: "out/{as_of}.csv" }',
    );
    const first = await it.run(['report', '--due']);
    assert.equal(first.code, 0);
    assert.match(first.stdout, /^active-users [0-9-]{10}: wrote 2 rows/);
    assert.deepEqual(await it.run(['report', '--due']), { code: 0, stdout: '', stderr: '' });
    const [run] = await it.runs();
    const { stdout } = await it.run(['runs', 'show', String(run?.['run'])]);
    assert.match(stdout, /^due +[0-9-]{10}T00:00:00Z$/m);
    it.configure(
      'schedule: "* * * * *"\nretries: 0\ndestination: { type: file, path: "out/{as_of}.csv" }',
      { users: 'postgres://postgres@127.0.0.1:1/platform' },
    );
    const failed = await it.run(['report', 'active-users', '--due']);
    assert.equal(failed.code, 1);
    assert.match(failed.stderr, /\ndaybook: not made: active-users\n$/);
  });

  test('keeps its history in PostgreSQL, too', async () => {
    using it = await ActivityFolder.made();
    const others = 'history: { type: postgres, database: platform, table: ops.reports_generated }';
    it.configure(undefined, { others });
    const { stdout: sql } = await it.run(['runs', '--sql']);
    await (await postgresServer()).run(it.users, `CREATE SCHEMA ops; ${sql}`);
    assert.equal((await it.run(REPORT)).code, 0);
    assert.deepEqual(
      (await it.runs()).map(({ state, as_of }) => [state, as_of]),
      [['done', '2026-03-01']],
    );
  });
});

describe('daybook verify', needsDatabases(), () => {
  test('tells inputs that have changed from a report that has, and what became of the file', async () => {
    using it = await ActivityFolder.made();
    await it.run(REPORT);
    const [run] = await it.runs();
    const verify = () => it.run(['verify', String(run!['run'])]);
    const path = join(it.folder, 'out/2026-03-01.csv');
    const about = 'active-users 2026-03-01: ';
    const same = `${about}the same report comes of it again, sha256 ${SHA256}\n`;
    assert.deepEqual(await verify(), {
      ...{ code: 0, stderr: '' },
      stdout: `${same}${about}${path} is as it was written\n`,
    });

    writeFileSync(path, 'mine');
    const other = await verify();
    assert.deepEqual([other.code, other.stdout], [4, '']);
    assert.match(other.stderr, /2026-03-01[.]csv is not what the run has written\n$/);

    await it.changeDone("INSERT INTO done VALUES (2, '2026-02-01'), (77, '2026-02-02')");
    const changed = await verify();
    assert.equal(changed.code, 4);
    assert.match(changed.stderr, /another report comes of it now: sha256 [0-9a-f]{64}, not /);
    assert.match(changed.stderr, /the inputs have changed since: database learning, table done, /);
    assert.doesNotMatch(changed.stderr, /database platform|configuration/);

    writeFileSync(path, ADA_AND_CY);
    await it.changeDone("DELETE FROM done WHERE user_id = 77 OR day = '2026-02-01'");
    it.configure('days: 2\ndestination: { type: file, path: "out/{as_of}.csv" }');
    assert.match((await verify()).stdout, /the same report comes of it again/);
    it.configure('days: 1\ndestination: { type: file, path: "out/{as_of}.csv" }');
    assert.match((await verify()).stderr, /the configuration has changed since: .*days/);
  });

  test('tells of the same inputs that gave another report', async () => {
    using it = await ActivityFolder.made();
    await it.run(REPORT);
    const [run] = await it.runs();
    using db = new DatabaseSync(join(it.folder, 'daybook.db'));
    db.prepare('UPDATE runs SET sha256 = ?').run('0'.repeat(64));
    const { code, stderr } = await it.run(['verify', String(run!['run'])]);
    assert.equal(code, 4);
    assert.match(stderr, /: the same inputs gave another report\n/);
    assert.doesNotMatch(stderr, /changed since/);
  });

  test('refuses a run that is not there, or has no report', async () => {
    using it = await ActivityFolder.made();
    it.configure(undefined, { users: 'postgres://postgres@127.0.0.1:1/platform' });
    await it.run(REPORT);
    const [run] = await it.runs();
    const failed = await it.run(['verify', String(run!['run'])]);
    assert.equal(failed.code, 2);
    assert.match(failed.stderr, /is failed: it has no report to verify\n$/);
    const unknown = await it.run(['verify', 'constructor']);
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /there is no run "constructor"/);
  });
});
