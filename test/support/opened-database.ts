import type { Database } from '../../src/core/database.ts';
import { databases } from '../../src/databases/index.ts';
import type { DatabaseOptions } from '../../src/databases/options.ts';

/** A database of the tests by its URL. */
export function openedDatabase(url: string, others: Partial<DatabaseOptions> = {}): Database {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  return databases[protocol === 'mysql:' ? 'mysql' : 'postgres']({
    ...{ name: 'database d', host: hostname, port: Number(port), user: username, password },
    ...{ database: pathname.slice(1), ssl: 'off' },
    ...others,
  });
}
