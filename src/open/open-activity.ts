import type { Configuration } from '../config/configuration.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { ReportSettings } from '../config/report-schema.ts';
import type { DatabaseColumn, DatabaseSnapshot, Relation } from '../core/database.ts';
import { DaybookError } from '../core/errors.ts';
import type { RunInput } from '../core/run-history.ts';
import type { Parameter, Table } from '../core/table.ts';
import { parseDate, parseZone, quote } from '../core/time.ts';
import { type ActivityView, joinActivity } from '../reports/activity.ts';
import { openDatabase } from './open-database.ts';

/** Of when an activity report is. */
export interface ActivityRequest {
  /** Last date of the report, `YYYY-MM-DD`, or with `ending: yesterday` the day after; today in its zone unless given. */
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
 * are there. A report that fails here leaves nothing open; one that fails while its rows are taken, once it is closed.
 *
 * @param name - What the report is called.
 * @throws DaybookError `USAGE` - The configuration names what is not there.
 * @throws DaybookError `SOURCE_UNREADABLE` - A database cannot be asked; also while the rows are taken.
 * @throws DaybookError `INTERRUPTED` - Also while the rows are taken.
 */
export async function openActivity(
  name: string,
  settings: ReportSettings,
  configuration: Pick<Configuration, 'databases'>,
  request: ActivityRequest = {},
): Promise<OpenedActivity> {
  const zone = parseZone(settings.tz ?? 'UTC');
  const asOf = parseDate(request.asOf ?? Temporal.Now.plainDateISO(zone).toString());
  const sides = (['subjects', 'activity'] as const).map((part) => {
    const at = `reports.${name}.${part}`;
    const { database } = settings[part];
    const from = relationOf(settings[part]);
    const parts = configuration.databases.get(database);
    if (parts === undefined)
      throw usage(`${at}.database`, `there is no database ${quote(database)}`);
    return { at, from, name: nameOf(database, from), database: openDatabase(database, parts) };
  });
  const [subjects, activity] = sides as [Side, Side];
  const { first, last } = windowOf(settings, asOf);
  const parameters = { asOf, first, last, days: settings.days, tz: zone };
  const { snapshots, close } = await snapshotsOf([subjects, activity], request.signal);
  try {
    const [users, done] = snapshots;
    const [userColumns, doneColumns] = await Promise.all([
      users.columnsOf(subjects.from),
      done.columnsOf(activity.from),
    ]);
    const { key, columns, active } = settings.subjects;
    const userColumn = finder(userColumns, subjects);
    const doneColumn = finder(doneColumns, activity);
    const { time, count, tz } = settings.activity;
    doneColumn('time', time);
    if (count !== 'rows') doneColumn('count.distinct', count.distinct);
    for (const column of Object.keys(active ?? {})) userColumn('active', column);
    const keys = [userColumn('key', key), doneColumn('key', settings.activity.key)] as const;
    const order = keys.every(({ isInteger }) => isInteger) ? 'number' : 'bytes';
    const view: ActivityView = {
      ...{ report: name, parameters, order, zone },
      columns: shownColumns(settings, [
        { name: key, kind: keys[0].isInteger ? 'integer' : 'text', cell: 'key' },
        ...columns.map((column, cell) => ({ ...userColumn('columns', column), cell })),
        { name: settings.as.date, kind: 'text', cell: 'date' },
        { name: settings.as.count, kind: 'integer', cell: 'count' },
      ]),
      names: { subjects: subjects.name, activity: activity.name },
    };
    const { table, inputs } = joinActivity(
      view,
      users.subjects({ from: subjects.from, key, columns, active: active ?? {}, order }),
      done.activity({
        ...{ from: activity.from, key: settings.activity.key, time, count, first, last },
        ...{ zone, timeZone: parseZone(tz ?? zone), order },
      }),
    );
    return { asOf, parameters, table, inputs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Side {
  /** Where the configuration has it. */
  readonly at: string;
  readonly from: Relation;
  readonly name: string;
  readonly database: ReturnType<typeof openDatabase>;
}

/** Snapshots of both sides, begun at about the same time; of none where one fails. */
async function snapshotsOf(sides: readonly [Side, Side], signal: AbortSignal | undefined) {
  const begun = await Promise.allSettled(sides.map(({ database }) => database.snapshot(signal)));
  const snapshots = begun.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const close = async () => {
    await Promise.all(snapshots.map((snapshot) => snapshot.close()));
  };
  const failed = begun.find((one) => one.status === 'rejected');
  if (failed === undefined)
    return { snapshots: snapshots as [DatabaseSnapshot, DatabaseSnapshot], close };
  await close();
  throw failed.reason;
}

/** The dates of a report: so many, of which the last is the day it is asked for, or the one before. */
function windowOf({ days, ending }: ReportSettings, asOf: string): { first: string; last: string } {
  const last = Temporal.PlainDate.from(asOf).subtract({ days: ending === 'yesterday' ? 1 : 0 });
  return { first: last.subtract({ days: days - 1 }).toString(), last: last.toString() };
}

/** That of a configuration: it has one of both. */
function relationOf({ table, query }: ReportSettings['subjects' | 'activity']): Relation {
  return table === undefined ? { query: query! } : { table };
}

function nameOf(database: string, from: Relation): string {
  return `database ${database}, ${'table' in from ? `table ${from.table}` : 'query'}`;
}

/** Finds the columns that the configuration names. */
function finder(columns: ReadonlyMap<string, DatabaseColumn>, { at, name }: Side) {
  return (key: string, column: string): DatabaseColumn => {
    const found = columns.get(column);
    if (found) return found;
    const near = didYouMean(column, [...columns.keys()]);
    throw usage(`${at}.${key}`, `${name} has no column ${quote(column)}${near}`);
  };
}

/** The columns to show under their titles: all of them, unless the configuration says which. */
function shownColumns(
  { columns: chosen }: ReportSettings,
  columns: ActivityView['columns'],
): ActivityView['columns'] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  return chosen?.map(({ title, from }) => ({ ...byName.get(from)!, name: title })) ?? columns;
}

function usage(at: string, message: string): DaybookError {
  return new DaybookError('USAGE', `${at}: ${message}`);
}
