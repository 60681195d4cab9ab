import type { Configuration } from '../config/configuration.ts';
import type { RunHistory } from '../core/run-history.ts';

/**
 * Opens the run history of a configuration; what drives it is loaded only then.
 *
 * @param readOnly - For who only looks: nothing is made.
 * @param signal - Ends what waits for a server; not what is entered, such as that a run was interrupted.
 * @throws DaybookError `STORE_UNUSABLE` or `USAGE`
 */
export async function openHistory(
  { history, store, databases }: Pick<Configuration, 'history' | 'store' | 'databases'>,
  {
    readOnly = false,
    signal,
  }: { readonly readOnly?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<RunHistory> {
  if (history.type === 'store') {
    const { sqliteRuns } = await import('../stores/sqlite/sqlite-runs.ts');
    return sqliteRuns({ path: store.path, readOnly });
  }
  const { databaseOptions } = await import('./open-database.ts');
  const { connectPostgres } = await import('../databases/postgres-client.ts');
  const { postgresRuns } = await import('../stores/postgres-runs.ts');
  const { database, table } = history;
  const options = databaseOptions(database, databases.get(database)!); // It was checked that there is one.
  const connect = async () => {
    const { client, release } = await connectPostgres(options, { signal });
    release();
    return client;
  };
  return postgresRuns({ connect, table, readOnly, place: options.name });
}
