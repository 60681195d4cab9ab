import { type ConnectionResult, connections } from '../aggregations/connections.ts';
import { WindowStates } from '../aggregations/window-states.ts';
import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import { parseDuration, parseZone } from '../core/time.ts';
import { windowColumns } from '../core/windowed-report.ts';
import type {
  BusyBy,
  ConnectionReport,
  ConnectionView,
  Direction,
} from '../reports/connection-view.ts';
import { explainedHostColumns, explainedHosts } from '../reports/explained-hosts.ts';
import { hosts } from '../reports/hosts.ts';
import { top } from '../reports/top.ts';
import { traffic } from '../reports/traffic.ts';
import { openInputs } from './open-inputs.ts';
import { jobModule } from './open-job.ts';
import { parametersOf, rangeOf } from './range-request.ts';
import {
  explainedWindows,
  WINDOW_PARAMETERS,
  type WindowRequest,
  windowsOf,
} from './window-request.ts';

/** The peers of a host, in a user's words. */
export interface HostsRequest extends WindowRequest {
  /** Whose peers. */
  readonly host: string;
  /** Only peers that connected to the host (`in`), or to which it connected (`out`). */
  readonly direction?: Direction | undefined;
  /** List the connections instead of the peers. */
  readonly explain?: boolean | undefined;
}

/** The busiest hosts, in a user's words. */
export interface TopRequest extends WindowRequest {
  /** Count connections made by a host (`sent`, unless given), made to it, or either. */
  readonly by?: BusyBy | undefined;
  /** How many hosts, and all that are as busy as the last of them; all unless given. */
  readonly limit?: number | undefined;
}

/** The peers of a host and the busiest hosts, in a user's words. */
export interface TrafficRequest extends WindowRequest, Omit<TopRequest, keyof WindowRequest> {
  /** Whose peers. */
  readonly host: string;
}

/**
 * Makes a report of who connected to a host and to whom it connected.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export function openHosts(request: HostsRequest): Promise<Report<ConnectionResult>> {
  const { host, direction = 'both' } = request;
  const view = { direction, by: 'sent', limit: Number.POSITIVE_INFINITY } as const;
  const explain = request.explain ? host : undefined;
  return openConnections('hosts', request, view, { host, everyHost: false }, explain);
}

/**
 * Makes a report of the busiest hosts.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export function openTop(request: TopRequest): Promise<Report<ConnectionResult>> {
  const { by = 'sent', limit = Number.POSITIVE_INFINITY } = request;
  const counting = { everyHost: true, sentOnly: by === 'sent' };
  return openConnections('top', request, { direction: 'both', by, limit }, counting);
}

/**
 * Makes a report of who connected to a host, to whom it connected, and of the busiest hosts: the busiest one,
 * and all that tie with it, unless a limit is given.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export function openTraffic(request: TrafficRequest): Promise<Report<ConnectionResult>> {
  const { host, by = 'sent', limit = 1 } = request;
  const view = { direction: 'both', by, limit } as const;
  return openConnections('traffic', request, view, { host, everyHost: true });
}

const REPORTS = { hosts, top, traffic } satisfies Record<string, ConnectionReport>;

/** What is a report's own, in the order in which it repeats it. */
const PARAMETERS = ['host', 'direction', 'explain', 'by', 'limit', ...WINDOW_PARAMETERS] as const;

async function openConnections(
  name: keyof typeof REPORTS,
  request: WindowRequest,
  view: ConnectionView,
  counting: { host?: string; everyHost: boolean; sentOnly?: boolean },
  explained?: string,
): Promise<Report<ConnectionResult>> {
  const { columns, rows } = REPORTS[name];
  if (!Number.isInteger(view.limit) && view.limit !== Number.POSITIVE_INFINITY)
    throw new DaybookError('USAGE', `--limit is a whole number, not ${view.limit}`);
  const zone = parseZone(request.tz ?? 'UTC');
  const timeUnit = request.timeUnit ?? 'ms';
  const range = rangeOf(request, { zone: request.tz, unit: timeUnit });
  const maxDisorderMs = parseDuration(request.maxDisorder ?? '5m');
  const inWindows = windowsOf(request, zone);
  if (inWindows && explained !== undefined) throw explainedWindows();
  // Of what decoders leave out no places are told.
  const onlyHost = counting.everyHost || explained !== undefined ? undefined : counting.host;
  const untimed = !inWindows && range.from === -Infinity && range.to === Infinity;
  const wanted = { onlyHost, sourcesOnly: counting.sentOnly, untimed };
  const decoder = { kind: 'connection-log', options: { timeUnit, ...wanted } };
  // Windows begin and end with the log, whoever is asked for.
  const interest = { ...range, ...(!inWindows && !counting.everyHost && { host: counting.host }) };
  const { inputs, live, words, job: reading } = await openInputs(request, decoder, interest);
  const parameters = parametersOf(request, PARAMETERS, words);
  const job = {
    module: jobModule,
    ...reading,
    aggregation: { kind: 'connections', options: { ...range, ...counting } },
  };
  const rowsOf = (result: ConnectionResult) => rows(result, view);
  return {
    inputs,
    job,
    windowed: inWindows && {
      job,
      head: { report: name, parameters, columns: [...windowColumns(), ...columns], zone },
      ...inWindows,
      range,
      needsAll: false,
      maxDisorderMs,
      counter: (saved) => new WindowStates(connections({ ...range, ...counting }), rowsOf, saved),
    },
    live,
    needsEvents: explained !== undefined,
    fields: ['object'],
    readUntil: range.to + maxDisorderMs,
    counts: ({ counted, filtered }) => ({ counted, filtered }),
    table: async (result, { books, events }) => ({
      report: name,
      parameters,
      columns: explained === undefined ? columns : explainedHostColumns,
      rows:
        explained === undefined
          ? [rowsOf(result)]
          : explainedHosts(result, events, { host: explained, direction: view.direction, inputs }),
      notes: [],
      books,
      zone,
    }),
  };
}
