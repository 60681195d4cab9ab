import { DaybookError } from '../core/errors.ts';
import { parseDate, parseDuration, parseZone } from '../core/time.ts';
import { ZoneClock } from '../core/zone-clock.ts';
import type { SessionLogOptions } from '../decoders/session-log.ts';
import type { BillRequest } from './open-bill.ts';
import type { OpenedInputs, StoredInputs } from './open-inputs.ts';

/** What is one log, with a first and a last record: an input, those of a day, or all there is. */
export type LogKind = 'file' | 'day' | 'all';

/** What a bill has to know of the log that it is of. */
interface BillLog {
  /** IANA zone in which instants are shown. */
  readonly zone: string;
  /** The day of times of day alone; undefined where there is none to go by. */
  readonly date: string | undefined;
  /** Whether it tells times of day only, of a day nobody named. */
  readonly undated: boolean;
  readonly timeoutMs: number | undefined;
  /** Which log each input is of, by rank, if there are several. */
  readonly logs: readonly number[] | undefined;
}

/** What is kept of a session log's source besides what its decoder is told. */
interface StoredOptions extends SessionLogOptions {
  readonly log?: LogKind;
  readonly session_timeout?: string;
  /** Whether the day is known: of all, or from the name of each file. */
  readonly dated?: boolean;
}

const UNDATED = '1970-01-01';

/** How the decoder of files is to read them. */
export function sessionLogOptions(request: BillRequest): SessionLogOptions {
  return {
    date: parseDate(request.date ?? UNDATED),
    zone: parseZone(request.tz ?? 'UTC'),
    // What is followed goes on over midnight.
    spansMidnight: request.spansMidnight ?? request.follow ?? false,
    maxDisorderMs: parseDuration(request.maxDisorder ?? '5m'),
    extraFields: request.extraFields ?? 'reject',
  };
}

/**
 * The log that a bill is of. Of one in a store, its source says what a request does not.
 *
 * @throws DaybookError `USAGE`
 */
export function billLog(request: BillRequest, { inputs, stored }: OpenedInputs): BillLog {
  const own: StoredOptions = stored
    ? { log: 'file', ...(stored.stream.options as StoredOptions) }
    : { log: 'all', ...sessionLogOptions(request) };
  const { date, zone, log = 'all', session_timeout, dated = date !== UNDATED } = own;
  // What is followed spans midnight, too, but shows the clock.
  const spansMidnight = stored ? own.spansMidnight : request.spansMidnight === true;
  const timeout = request.sessionTimeout ?? session_timeout;
  return {
    zone: parseZone(request.tz ?? zone),
    date: stored && dated && date === UNDATED ? undefined : date,
    undated: !dated && !spansMidnight && request.date === undefined,
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout),
    logs: logsOf(request.log ?? log, inputs.length, stored, zone),
  };
}

/** Inputs of a store come by their first time, so those of a day side by side. */
function logsOf(
  kind: LogKind,
  inputs: number,
  stored: StoredInputs | undefined,
  zone: string,
): number[] | undefined {
  if (kind === 'all' || inputs < 2) return undefined;
  if (kind === 'file') return Array.from({ length: inputs }, (_, rank) => rank);
  if (stored === undefined)
    throw new DaybookError(
      'USAGE',
      '--log day is for what is in a store, which knows the day of each file; say --log file',
    );
  const clock = new ZoneClock(zone);
  let [log, before] = [0, ''];
  return stored.firstTimes.map((time) => {
    const day = time === undefined ? before : clock.date(time).toString();
    if (before !== '' && day !== before) log++;
    before = day;
    return log;
  });
}
