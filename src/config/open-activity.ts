import type { RunInput } from '../core/run-history.ts';
import type { Parameter, Table } from '../core/table.ts';
import type { Configuration } from './configuration.ts';
import type { ReportSettings } from './report-schema.ts';

/** Of when an activity report is. */
export interface ActivityRequest {
  /** Last date of the report, `YYYY-MM-DD`; today in the report's zone unless given. */
  readonly asOf?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A report whose databases were asked, and that is to be closed. */
export interface OpenedActivity {
  /** The date it was asked for, `YYYY-MM-DD`. */
  readonly asOf: string;
  /** What shaped it, as `table` repeats it. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Its rows come from both databases as they are taken; notes and books are final when they were. */
  readonly table: Table;
  /** What was read, which is known when the rows were taken. */
  inputs(): readonly RunInput[];
  /** Ends both snapshots, in whatever state. */
  close(): Promise<void>;
}

/**
 * Connects to the databases of an activity report, begins a snapshot in each, and checks that the tables and columns
 * are there. A report that fails here or while its rows are taken leaves nothing open once it is closed.
 *
 * @param name - What the report is called.
 * @throws DaybookError `USAGE` - The configuration names what is not there.
 * @throws DaybookError `SOURCE_UNREADABLE` - A database cannot be asked; also while the rows are taken.
 * @throws DaybookError `INTERRUPTED` - Also while the rows are taken.
 */
export async function openActivity(
  name: string,
  _settings: ReportSettings,
  _configuration: Pick<Configuration, 'databases'>,
  _request: ActivityRequest = {},
): Promise<OpenedActivity> {
  await Promise.resolve();
  throw new Error(`${name} cannot be made yet`);
}
