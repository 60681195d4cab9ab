import type { RunHistory } from '../core/run-history.ts';
import type { Configuration } from './configuration.ts';

/**
 * Opens the run history of a configuration; what drives it is loaded only then.
 *
 * @param readOnly - For who only looks: a store is not made.
 * @throws DaybookError `STORE_UNUSABLE` or `USAGE`
 */
export async function openHistory(
  { history, store, databases }: Pick<Configuration, 'history' | 'store' | 'databases'>,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Promise<RunHistory> {
  if (history.type === 'store') {
    const { sqliteRuns } = await import('../stores/sqlite-runs.ts');
    return sqliteRuns({ path: store.path, readOnly });
  }
  const { databaseOptions } = await import('./open-database.ts');
  const { connectPostgres } = await import('../databases/postgres-client.ts');
  const { postgresRuns } = await import('../stores/postgres-runs.ts');
  const { database, table } = history;
  const options = databaseOptions(database, databases.get(database)!); // It was checked that there is one.
  const connect = async () => (await connectPostgres(options)).client;
  return postgresRuns({ connect, table, place: options.name });
}
