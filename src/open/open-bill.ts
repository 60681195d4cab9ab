import { SessionCounter } from '../aggregations/session-counter.ts';
import type { SessionResult, SessionTotals } from '../aggregations/sessions.ts';
import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { type WindowedReport, windowColumns } from '../core/windowed-report.ts';
import { type WindowSpec, Windows } from '../core/windows.ts';
import { billColumns, billLines, billTable } from '../reports/bill.ts';
import type { BillView } from '../reports/bill-view.ts';
import { billLog, type LogKind, sessionLogOptions } from './bill-log.ts';
import { openInputs } from './open-inputs.ts';
import { jobModule } from './open-job.ts';
import { parametersOf, rangeOf } from './range-request.ts';
import {
  explainedWindows,
  WINDOW_PARAMETERS,
  type WindowRequest,
  windowsOf,
} from './window-request.ts';

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
  /** What is one log: `all` inputs in the order given, unless said; of a store, what its source says. */
  readonly log?: LogKind | undefined;
}

/**
 * Makes a bill ready to run: checks what was asked for and finds the inputs.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openBill(request: BillRequest): Promise<Report<SessionResult>> {
  const { names, rate, currency, explain = false } = request;
  const decoder = { kind: 'session-log', options: sessionLogOptions(request) };
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
  // What is outside of a range tells who had a session open in it.
  const opened = await openInputs(request, decoder, EVERYTHING);
  const { inputs, live, words, job: reading, stored } = opened;
  const { zone, date, undated, timeoutMs, logs } = billLog(request, opened);
  const range = rangeOf(request, {
    zone: request.tz ?? (stored && zone),
    unit: request.timeUnit ?? 'ms',
    date,
  });
  if (undated) refuseDays(request);
  const inWindows = windowsOf(request, zone);
  if (inWindows) refuseWindows(request, inWindows.windows, range, { timeoutMs, logs });
  const parameters = parametersOf(request, PARAMETERS, words);
  const view = {
    ...{ inputs, logs, range, names, explain, rate, currency, timeoutMs },
    ...{ windowed: inWindows !== undefined, zone, undated, parameters },
  };
  const options = { ...range, names };
  const job = {
    module: jobModule,
    ...reading,
    aggregation: logs
      ? { kind: 'sessionLogs', options: { ...options, logs } }
      : { kind: 'sessions', options },
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
      maxDisorderMs: decoder.options.maxDisorderMs,
      counter: (saved) =>
        new SessionCounter((totals) => billLines(view, askedOf(totals, names)), { users, saved }),
    };
  return {
    inputs,
    job,
    fields: ['kind'],
    logs,
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
  { explain, follow, from, to, through, sessionTimeout }: BillRequest,
  spec: WindowSpec,
  range: TimeRange,
  { timeoutMs, logs }: Pick<BillView, 'timeoutMs' | 'logs'>,
): void {
  const refuse = (what: string, instead: string) => {
    throw new DaybookError('USAGE', `${what} cannot be combined with --every; ${instead}`);
  };
  if (explain) throw explainedWindows();
  const timeout = sessionTimeout ? '--session-timeout' : 'session_timeout of the source';
  if (timeoutMs !== undefined) refuse(timeout, 'bill a range: --from and --to');
  if (logs) refuse('a bill of several logs', 'say --log all to bill them as one, or bill a range');
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
function refuseDays({ from, to, through, store }: BillRequest): void {
  const day = [from, to, through].find((time) => time !== undefined && /^[0-9]{4}-/.test(time));
  if (day === undefined) return;
  throw new DaybookError(
    'USAGE',
    `which day is the log of? ${store === undefined ? 'Say --date, or ask' : 'Its source says no date; ask'} for a time of day instead of ${day}`,
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
  'log',
  ...WINDOW_PARAMETERS,
] as const satisfies readonly (keyof BillRequest)[];
