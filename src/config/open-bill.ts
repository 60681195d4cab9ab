import { SessionCounter } from '../aggregations/session-counter.ts';
import type { SessionResult, SessionTotals } from '../aggregations/sessions.ts';
import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import { parseDate, parseDuration, parseZone, type TimeReading } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';
import { type WindowedReport, windowColumns } from '../core/windowed-report.ts';
import { type WindowSpec, Windows } from '../core/windows.ts';
import { billColumns, billLines, billTable } from '../reports/bill.ts';
import { openFollow } from './open-follow.ts';
import { jobModule } from './open-job.ts';
import { inputsOf, parametersOf, rangeOf } from './range-request.ts';
import { WINDOW_PARAMETERS, type WindowRequest, windowsOf } from './window-request.ts';

/** A bill in a user's words. */
export interface BillRequest extends WindowRequest {
  /** Bill these users only. */
  readonly names?: readonly string[] | undefined;
  /** List the sessions instead of the users. */
  readonly explain?: boolean | undefined;
  /** Price of a second: decimal text. */
  readonly rate?: string | undefined;
  readonly currency?: string | undefined;
  /** Day of the first record, `YYYY-MM-DD`. */
  readonly date?: string | undefined;
  readonly spansMidnight?: boolean | undefined;
  readonly extraFields?: 'reject' | 'ignore' | undefined;
  readonly sessionTimeout?: string | undefined;
}

const UNDATED = '1970-01-01';

/**
 * Makes a bill ready to run: checks what was asked for and finds the inputs.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openBill(request: BillRequest): Promise<Report<SessionResult>> {
  const { files, names, rate, currency, explain = false } = request;
  const zone = parseZone(request.tz ?? 'UTC');
  const date = parseDate(request.date ?? UNDATED);
  const reading: TimeReading = { zone: request.tz, unit: request.timeUnit ?? 'ms', date };
  const range = rangeOf(request, reading);
  refuseDays(request);
  const maxDisorderMs = parseDuration(request.maxDisorder ?? '5m');
  const timeoutMs =
    request.sessionTimeout === undefined ? undefined : parseDuration(request.sessionTimeout);
  if (rate !== undefined && !/^[0-9]{1,30}([.][0-9]{1,30})?$/.test(rate)) {
    throw new DaybookError(
      'USAGE',
      `${JSON.stringify(rate)} is no price; write digits, such as 0.0025`,
    );
  }
  if (currency !== undefined && rate === undefined)
    throw new DaybookError('USAGE', '--currency needs a --rate');
  if (currency !== undefined && !/^[A-Za-z]{1,16}$/.test(currency)) {
    throw new DaybookError(
      'USAGE',
      `${JSON.stringify(currency)} is no currency; write its letters, such as EUR`,
    );
  }
  if (rate !== undefined && explain)
    throw new DaybookError('USAGE', '--rate prices a bill; leave it out with --explain');
  const inWindows = windowsOf(request, zone);
  if (inWindows) refuseWindows(request, inWindows.windows, range);
  const live = openFollow(request);
  const inputs = live ? [] : await inputsOf(files);
  const undated = request.date === undefined && request.spansMidnight !== true;
  const words = live?.words ?? inputs.map(({ name }) => name);
  const parameters = parametersOf(request, PARAMETERS, words);
  const view = {
    inputs,
    range,
    names,
    explain,
    rate,
    currency,
    timeoutMs,
    windowed: inWindows !== undefined,
    zone,
    undated,
    parameters,
  };
  const job = {
    module: jobModule,
    decoder: {
      kind: 'session-log',
      options: {
        date,
        zone,
        // What is followed goes on over midnight.
        spansMidnight: request.spansMidnight ?? request.follow ?? false,
        maxDisorderMs,
        extraFields: request.extraFields ?? 'reject',
      },
    },
    aggregation: { kind: 'sessions', options: { ...range, names } },
  };
  const inWindowsOf = (users?: ReadonlyMap<string, number>): WindowedReport | undefined =>
    inWindows && {
      job,
      head: {
        report: 'bill',
        parameters,
        columns: [...windowColumns(undated ? 'clock' : 'instant'), ...billColumns(view)],
        zone,
      },
      ...inWindows,
      range,
      needsAll: true,
      maxDisorderMs,
      counter: (saved) =>
        new SessionCounter((totals) => billLines(view, askedOf(totals, names)), { users, saved }),
    };
  return {
    inputs,
    job,
    fields: ['kind'],
    needsEvents: explain || timeoutMs !== undefined || inWindows !== undefined,
    counts: ({ counted, filtered }) => ({ counted, filtered }),
    table: (result, found) => billTable(view, result, found),
    windowed: live && inWindowsOf(),
    live,
    windowedBehind: inWindows && ((result) => inWindowsOf(new Map(result.orphans()))!),
  };
}

/** Of these users, those who were asked for. */
function* askedOf(
  users: Iterable<SessionTotals>,
  names: readonly string[] | undefined,
): Generator<SessionTotals> {
  const asked = names && new Set(names);
  for (const user of users) if (asked?.has(user.name) !== false) yield user;
}

/** What cannot be told window by window. */
function refuseWindows(
  { explain, sessionTimeout, follow, from, to, through }: BillRequest,
  spec: WindowSpec,
  range: TimeRange,
): void {
  const refuse = (what: string, instead: string) => {
    throw new DaybookError('USAGE', `${what} cannot be combined with --every; ${instead}`);
  };
  if (explain) refuse('--explain', 'explain a range: --from and --to');
  if (sessionTimeout !== undefined) refuse('--session-timeout', 'bill a range: --from and --to');
  const limited = from !== undefined || to !== undefined || through !== undefined;
  if (!limited) return;
  if (follow) {
    throw new DaybookError(
      'USAGE',
      'a range cannot be combined with --follow: what is followed is billed from its first record on',
    );
  }
  if (spec.align === 'first') refuse('a range', 'or leave out --align first');
  const windows = new Windows(spec);
  for (const edge of [range.from, range.to])
    if (Number.isFinite(edge) && windows.at(edge).start !== edge)
      refuse('a range that cuts a window', `begin and end it with windows of ${spec.every}`);
}

/** A log that names no day cannot be asked for one. */
function refuseDays({ from, to, through, date, spansMidnight }: BillRequest): void {
  const day = [from, to, through].find((time) => time !== undefined && /^[0-9]{4}-/.test(time));
  if (day === undefined || date !== undefined || spansMidnight) return;
  throw new DaybookError(
    'USAGE',
    `which day is the log of? Say --date, or ask for a time of day instead of ${day}`,
  );
}

/** What shapes a bill, in the order in which it repeats it. */
const PARAMETERS = [
  'names',
  'explain',
  'rate',
  'currency',
  'date',
  'spansMidnight',
  'extraFields',
  'sessionTimeout',
  ...WINDOW_PARAMETERS,
] as const satisfies readonly (keyof BillRequest)[];
