import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { needsProgram } from './needs.ts';
import {
  freePort,
  isRoot,
  NOBODY,
  serverFolder,
  signalTree,
  startServer,
} from './server-process.ts';
import type { SqlServer } from './sql-server.ts';

/** Debian has the server's programs outside of the path, by version. */
const VERSIONS = '/usr/lib/postgresql';

/** Options of a test that needs PostgreSQL: skipped where it is not. */
export function needsPostgres(): { skip: string | false } {
  return programs() === undefined ? needsProgram('initdb') : { skip: false };
}

function programs(): string | undefined {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : [];
  const folders = versions.map((version) => join(VERSIONS, version, 'bin'));
  return folders.findLast((folder) => existsSync(join(folder, 'initdb')));
}

let shared: Promise<SqlServer> | undefined;

/** The server that all tests share, each with a database of its own. It is set as few are, which is not to show. */
export function postgresServer(): Promise<SqlServer> {
  shared ??= startPostgres([
    ...['TimeZone=Asia/Kolkata', 'DateStyle=SQL, DMY', 'bytea_output=escape'],
    ...['standard_conforming_strings=off', 'extra_float_digits=-3'],
  ]);
  return shared;
}

/**
 * Starts a server of one's own.
 *
 * @param settings - Such as `TimeZone=Asia/Kolkata`.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<SqlServer> {
  const folder = serverFolder('postgres', NOBODY);
  const bin = programs() ?? '';
  const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const data = join(folder, 'data');
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { cwd: folder, env: { ...process.env, HOME: folder }, stdio: 'pipe', ...user },
  );
  // All are trusted but one, who needs a password.
  const rules = join(data, 'pg_hba.conf');
  const usual = readFileSync(rules, 'utf8');
  writeFileSync(rules, `host all reader 127.0.0.1/32 scram-sha-256\n${usual}`);
  const port = await freePort();
  const listen = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder];
  // What is shared lies in the folder, too: of a server that is killed nothing else is left.
  const own = ['fsync=off', 'dynamic_shared_memory_type=mmap'];
  const options = [...own, ...settings].flatMap((setting) => ['-c', setting]);
  const urlOf = (database: string) => `postgres://postgres@127.0.0.1:${port}/${database}`;
  const run = (url: string, sql: string) => withClient(url, (client) => client.query(sql));
  const child = await startServer([join(bin, 'postgres'), ...listen, ...options], folder, {
    answers: () => run(urlOf('postgres'), 'SELECT 1'),
    owner: NOBODY,
    ending: 'SIGQUIT',
  });
  let databases = 0;
  return {
    type: 'postgres',
    port,
    run,
    async database(sql) {
      const name = `test${databases++}`;
      await run(urlOf('postgres'), `CREATE DATABASE ${name}`);
      await run(urlOf(name), sql);
      return urlOf(name);
    },
    signal: (signal) => signalTree(child.pid!, signal),
  };
}

async function withClient(
  url: string,
  use: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  try {
    await client.connect();
    await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}
