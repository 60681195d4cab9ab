/** Runs examples/active-users with servers that vanish with this process, and shows the object that comes of it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectS3 } from '../src/destinations/s3-client.ts';
import { mariadbServer } from '../test/support/mariadb-server.ts';
import { postgresServer } from '../test/support/postgres-server.ts';
import { s3Server } from '../test/support/s3-server.ts';

const EXAMPLE = join(import.meta.dirname, '../examples/active-users');
const DAYBOOK = join(import.meta.dirname, '../bin/daybook.js');
const AS_OF = '2026-03-01';

const say = (line: string) => process.stdout.write(`${line}\n`);
const sqlOf = (name: string) => readFileSync(join(EXAMPLE, name), 'utf8');

say('Starting PostgreSQL, MariaDB and an S3 service (Ceph) …');
const [postgres, mariadb, s3] = await Promise.all([postgresServer(), mariadbServer(), s3Server()]);
const bucket = await s3.newBucket();
const variables = {
  PLATFORM_URL: await postgres.database(sqlOf('platform.sql')),
  LEARNING_URL: await mariadb.database(sqlOf('learning.sql')),
  S3_ENDPOINT: s3.access.endpoint,
  S3_KEY_ID: s3.access.accessKeyId,
  S3_SECRET_KEY: s3.access.secretAccessKey,
  REPORTS_BUCKET: bucket,
};
const folder = mkdtempSync(join(tmpdir(), 'daybook-example-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
copyFileSync(join(EXAMPLE, 'daybook.yaml'), join(folder, 'daybook.yaml'));

/** Runs a command in the folder of the example; it says itself what fails. */
function daybook(...words: string[]): void {
  say(`\n$ daybook ${words.join(' ')}`);
  const { status } = spawnSync(process.execPath, [DAYBOOK, ...words], {
    cwd: folder,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}

daybook('report', '--as-of', AS_OF);
daybook('report', '--as-of', AS_OF);
daybook('runs');

const key = `active-users/${AS_OF}.csv`;
say(`\ns3://${bucket}/${key}:`);
const client = await connectS3(s3.access);
const { Body } = await client.getObject({ Bucket: bucket, Key: key });
process.stdout.write((await Body?.transformToString()) ?? '');
process.exit(0);
