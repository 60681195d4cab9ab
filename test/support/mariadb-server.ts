import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import mysql from 'mysql2/promise';
import { needsProgram } from './needs.ts';
import { freePort, serverFolder, startServer } from './server-process.ts';
import type { SqlServer } from './sql-server.ts';

/** Options of a test that needs MariaDB: skipped where it is not. */
export function needsMariadb(): { skip: string | false } {
  return needsProgram('mariadbd');
}

let shared: Promise<SqlServer> | undefined;

/** The server that all tests share, each with a database of its own. It is set as few are, which is not to show. */
export function mariadbServer(): Promise<SqlServer> {
  shared ??= startMariadb([
    ...['default-time-zone=+05:30', 'character-set-server=latin1', 'max-sort-length=8'],
    ...['sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH'],
    ...['lower-case-table-names=0', 'collation-server=latin1_swedish_ci'],
  ]);
  return shared;
}

/**
 * Starts a server of one's own.
 *
 * @param settings - Such as `default-time-zone=+05:30`.
 */
export async function startMariadb(settings: readonly string[] = []): Promise<SqlServer> {
  const folder = serverFolder('mariadb');
  const data = join(folder, 'data');
  execFileSync(
    'mariadb-install-db',
    [
      ...['--no-defaults', '--auth-root-authentication-method=normal', '--skip-test-db'],
      ...[`--datadir=${data}`, '--innodb-log-file-size=16M', ...asUser()],
    ],
    { stdio: 'pipe' },
  );
  const port = await freePort();
  // Of its own, since a server that starts removes temporary tables from there, whosever they are.
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const options = [
    ...['--no-defaults', `--datadir=${data}`, `--socket=${join(folder, 's')}`, `--port=${port}`],
    ...['--bind-address=127.0.0.1', `--pid-file=${join(folder, 'pid')}`, '--skip-name-resolve'],
    ...[`--tmpdir=${temporary}`, '--innodb-flush-log-at-trx-commit=0', ...asUser()],
    ...settings.map((setting) => `--${setting}`),
  ];
  const urlOf = (database: string) => `mysql://root@127.0.0.1:${port}/${database}`;
  const run = async (uri: string, sql: string) => {
    const connection = await mysql.createConnection({ uri, multipleStatements: true });
    connection.on('error', () => {});
    try {
      await connection.query(sql);
    } finally {
      connection.destroy();
    }
  };
  const child = await startServer(['mariadbd', ...options], folder, {
    answers: () => run(urlOf('mysql'), 'SELECT 1'),
  });
  let databases = 0;
  return {
    type: 'mysql',
    port,
    run,
    async database(sql) {
      const name = `test${databases++}`;
      await run(urlOf('mysql'), `CREATE DATABASE ${name}`);
      await run(urlOf(name), sql);
      return urlOf(name);
    },
    signal(signal) {
      child.kill(signal);
    },
  };
}

function asUser(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}
