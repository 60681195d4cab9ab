import assert from 'node:assert/strict';
import { cp, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { connectS3 } from '../../src/destinations/s3-client.ts';
import { needsDatabases } from '../support/activity-folder.ts';
import { daybook } from '../support/cli.ts';
import { mariadbServer } from '../support/mariadb-server.ts';
import { postgresServer } from '../support/postgres-server.ts';
import { needsS3, s3Server } from '../support/s3-server.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/active-users');
const REPORT = `user_id,user_name,date,lessons_completed
1,Ada,2026-02-14,1
1,Ada,2026-03-01,2
3,"Cy, the ""quick"" one",2026-02-28,1
4,Ada,2026-01-31,1
5,Dee,,0
`;

describe('the example of active users', {
  skip: needsDatabases().skip || needsS3().skip,
}, () => {
  test('puts its report into a bucket once, whoever knows the keys, and enters every run', async () => {
    const sqlOf = (name: string) => readFile(join(EXAMPLE, name), 'utf8');
    const [postgres, mariadb, s3] = await Promise.all([
      postgresServer(),
      mariadbServer(),
      s3Server(),
    ]);
    const bucket = await s3.newBucket();
    await using folder = await mkdtempDisposable(join(tmpdir(), 'daybook-example-'));
    await cp(join(EXAMPLE, 'daybook.yaml'), join(folder.path, 'daybook.yaml'));
    const variables = {
      PLATFORM_URL: await postgres.database(await sqlOf('platform.sql')),
      LEARNING_URL: await mariadb.database(await sqlOf('learning.sql')),
      S3_ENDPOINT: s3.access.endpoint,
      S3_KEY_ID: s3.access.accessKeyId,
      S3_SECRET_KEY: s3.access.secretAccessKey,
      REPORTS_BUCKET: bucket,
    };
    const run = (words: readonly string[], env: NodeJS.ProcessEnv = {}) =>
      daybook(words, { cwd: folder.path, env: { ...variables, ...env } });
    const report = ['report', '--as-of', '2026-03-01'];

    const forbidden = await run(report, { S3_SECRET_KEY: 'sesame-sesame' });
    assert.equal(forbidden.code, 1);
    assert.match(forbidden.stderr, /s3:.*403|keys|signature/i);
    assert.match((await run(report)).stdout, /^active-users 2026-03-01: wrote 5 rows, 152 bytes, /);
    assert.match((await run(report)).stdout, /: unchanged, 5 rows/);

    const client = await connectS3(s3.access);
    const key = 'active-users/2026-03-01.csv';
    const { Body } = await client.getObject({ Bucket: bucket, Key: key });
    assert.equal(await Body?.transformToString(), REPORT.replaceAll('\n', '\r\n'));
    const { Uploads } = await client.listMultipartUploads({ Bucket: bucket });
    assert.deepEqual(Uploads ?? [], []);
    client.destroy();

    const { stdout } = await run(['runs', '--format', 'json']);
    const { rows } = JSON.parse(stdout) as { rows: { state: string; run: string }[] };
    assert.deepEqual(
      rows.map(({ state }) => state),
      ['unchanged', 'done', 'failed'],
    );
    assert.doesNotMatch(stdout + forbidden.stderr, /sesame/);
    const verified = await run(['verify', rows[1]!.run]);
    assert.match(verified.stdout, /is as it was written\n$/);
  });
});
