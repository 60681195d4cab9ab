import type { Configuration } from '../config/configuration.ts';
import { DaybookError } from '../core/errors.ts';
import type { Run, RunHistory, RunQuery } from '../core/run-history.ts';
import type { Table } from '../core/table.ts';
import { quote } from '../core/time.ts';
import { runList } from '../reports/run-list.ts';
import { runsSql as sqlOf } from '../stores/postgres-runs.ts';
import { openHistory } from './open-history.ts';

/**
 * Uses a run history, and changes nothing in it.
 *
 * @throws DaybookError `STORE_UNUSABLE`, or what `use` throws.
 */
export async function withHistory<Result>(
  configuration: Configuration,
  use: (history: RunHistory) => Promise<Result>,
): Promise<Result> {
  const history = await openHistory(configuration, { readOnly: true });
  try {
    return await use(history);
  } finally {
    await history.close();
  }
}

/**
 * The run of an id.
 *
 * @throws DaybookError `USAGE`
 */
export async function runNamed(history: RunHistory, id: string): Promise<Run> {
  const run = await history.find(id.toLowerCase());
  if (run) return run;
  throw new DaybookError(
    'USAGE',
    `there is no run ${quote(id)}; daybook runs lists those there are`,
  );
}

/** Lists runs, the latest first. */
export async function listRuns(configuration: Configuration, which: RunQuery): Promise<Table> {
  return runList(await withHistory(configuration, (history) => history.list(which)), which);
}

/** The SQL of the table that runs are entered in, or would be. */
export function runsSql(configuration: Pick<Configuration, 'history'> | undefined): string {
  const { history } = configuration ?? {};
  return sqlOf(history?.type === 'postgres' ? history.table : undefined);
}
