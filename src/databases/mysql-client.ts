import { isIP } from 'node:net';
import type { Connection } from 'mysql2';
import { DaybookError } from '../core/errors.ts';
import { placeOf } from './failure.ts';
import { mysqlDialect } from './mysql-dialect.ts';
import { CONNECT_TIMEOUT_MS, type DatabaseOptions, KEEP_ALIVE_MS, STOP_MS } from './options.ts';

/**
 * A connection to MySQL or MariaDB that is being made; its rows are arrays of texts.
 *
 * @throws DaybookError `USAGE`
 */
export async function connectMysql(options: DatabaseOptions): Promise<Connection> {
  // Of an address the driver would take a proof of being `localhost`.
  if (options.ssl === 'verify' && isIP(options.host) !== 0)
    throw new DaybookError(
      'USAGE',
      `${placeOf(options)}: ssl: verify needs the host by its name, not its address`,
    );
  const { default: driver } = await import('mysql2');
  const { host, port, user, password, database } = options;
  return driver.createConnection({
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    ...{ user, password, database, rowsAsArray: true },
    // As the server writes it, of whatever type it is.
    typeCast: (field) => field.string(),
    // A server that is gone without a word is found out within minutes.
    ...{ enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    connectTimeout: CONNECT_TIMEOUT_MS,
    flags: ['-LOCAL_FILES'],
    ...(options.ssl === 'off' ? {} : { ssl: tlsOf(options) }),
  });
}

/**
 * Has the server leave off a query whose connection was closed in the middle of it, which it would else notice only at
 * its end. Settles when it was told, or cannot be told soon.
 */
export async function stopMysqlQuery(
  options: DatabaseOptions,
  { thread, sql }: { readonly thread: number; readonly sql: string },
): Promise<void> {
  const connection = await connectMysql(options);
  const told = Promise.withResolvers<void>();
  const late = setTimeout(told.resolve, STOP_MS);
  connection.on('error', () => told.resolve());
  // Another server behind the same address may have a thread of that number.
  const find = `SELECT id FROM information_schema.processlist WHERE id = ${thread} AND CAST(info AS BINARY) = ${mysqlDialect.bytes(sql)}`;
  connection.query(find, (cause, rows) => {
    const isFound = !cause && Array.isArray(rows) && rows.length > 0;
    if (isFound) connection.query(`KILL ${thread}`, () => told.resolve());
    else told.resolve();
  });
  await told.promise;
  clearTimeout(late);
  connection.destroy();
}

function tlsOf({ ssl, ca }: DatabaseOptions) {
  const isVerified = ssl === 'verify';
  return {
    rejectUnauthorized: isVerified,
    verifyIdentity: isVerified,
    ...(ca === undefined ? {} : { ca }),
  };
}
