import type { Client, ClientConfig } from 'pg';
import { throwIfInterrupted } from '../core/errors.ts';
import { databaseFailure } from './failure.ts';
import { CONNECT_TIMEOUT_MS, type DatabaseOptions, KEEP_ALIVE_MS } from './options.ts';

/** A connection to PostgreSQL, which a signal ends until it is released. */
export interface PostgresConnection {
  readonly client: Client;
  readonly release: () => void;
}

/**
 * Connects to PostgreSQL.
 *
 * @param setting - What a session is told first.
 * @throws DaybookError `SOURCE_UNREADABLE`, `USAGE` or `INTERRUPTED`
 */
export async function connectPostgres(
  options: DatabaseOptions,
  how: {
    readonly signal?: AbortSignal | undefined;
    readonly setting?: string;
    readonly types?: NonNullable<ClientConfig['types']>;
  } = {},
): Promise<PostgresConnection> {
  const { signal, setting, types } = how;
  throwIfInterrupted(signal);
  const { Client } = (await import('pg')).default;
  throwIfInterrupted(signal); // It may have come meanwhile.
  const { host, port, user, password, database } = options;
  const client = new Client({
    ...{ host, port, user, database, ...(types && { types }) },
    // A function, or else an empty password would be looked for in the environment.
    password: () => password,
    ssl: tlsOf(options),
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'daybook',
  });
  // It fails the query under way, too: this is so that it is no error of nobody.
  client.on('error', () => {});
  // With an error, since nothing else ends a connection that is being made.
  const end = () => client.connection.stream.destroy(new Error('closed'));
  signal?.addEventListener('abort', end, { once: true });
  const release = () => signal?.removeEventListener('abort', end);
  try {
    await client.connect();
    if (setting !== undefined) await client.query(setting);
    return { client, release };
  } catch (cause) {
    release();
    end();
    throw databaseFailure(cause, options, signal);
  }
}

function tlsOf({ ssl, host, ca }: DatabaseOptions) {
  if (ssl === 'off') return false;
  return { host, rejectUnauthorized: ssl === 'verify', ...(ca === undefined ? {} : { ca }) };
}
