import { DaybookError } from './errors.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const UNITS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/**
 * A duration such as `10s`, `5m`, `1h` or `30d` in milliseconds.
 *
 * @throws DaybookError `USAGE`
 */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^([0-9]+)([smhd])$/.exec(text) ?? [];
  const durationMs = Number(digits) * (UNITS[unit ?? ''] ?? Number.NaN);
  if (!Number.isSafeInteger(durationMs)) {
    throw new DaybookError('USAGE', `${quote(text)} is no duration; write 10s, 5m, 1h or 30d`);
  }
  return durationMs;
}

/** How a user's words for a time are to be read. */
export interface TimeReading {
  /** IANA zone of times that name none; refused without. */
  readonly zone?: string | undefined;
  /** Unit of bare numbers. */
  readonly unit: 's' | 'ms' | 'us';
  /** The day, `YYYY-MM-DD`, of times of day alone; refused without. */
  readonly date?: string | undefined;
}

const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const CLOCK = /^[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?$/;
const DATE_TIME =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?)([Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?$/;

/**
 * A user's word for an instant: RFC 3339, `2021-03-01 00:15:00+00`, a date, a time of day, or a number
 * in the stated unit, which may lie anywhere in ±2^53; so may the milliseconds, what is more is cut.
 *
 * @returns Whole milliseconds since the epoch, UTC; finer digits are cut.
 * @throws DaybookError `USAGE` - No such time, or its zone is not known.
 */
export function parseInstant(text: string, reading: TimeReading): number {
  const usual = parseUsual(text);
  if (usual !== undefined) return usual;
  if (/^-?[0-9]+$/.test(text)) return parseEpoch(text, reading.unit);
  const { zone, date } = reading;
  if (CLOCK.test(text) && date !== undefined) return parseLocal(text, date, text, zone ?? 'UTC');
  const [, day, clock, offset] = DATE_TIME.exec(text) ?? [];
  if (day !== undefined && clock !== undefined) {
    if (offset !== undefined) return parseLocal(text, day, clock, offset);
    if (zone !== undefined) return parseLocal(text, day, clock, zone);
    throw new DaybookError('USAGE', `${quote(text)} names no zone; add Z, or say --tz`);
  }
  if (DATE.test(text)) {
    if (zone !== undefined) return startOfDay(text, zone);
    throw new DaybookError('USAGE', `the day ${text} begins at no one instant; say --tz`);
  }
  throw new DaybookError(
    'USAGE',
    `${quote(text)} is no time; write 2021-03-01T00:15:00Z${date === undefined ? '' : ', 14:02:03'} or a number`,
  );
}

/** An instant as programs write it, in a hundredth of the time; undefined if it is any other text. */
function parseUsual(text: string): number | undefined {
  if (!USUAL.test(text)) return undefined;
  const day = pairAt(text, 8);
  const start = Date.UTC(100 * pairAt(text, 0) + pairAt(text, 2), pairAt(text, 5) - 1, day);
  // Days that do not exist are carried over to the next month.
  if (day > 28 && new Date(start).getUTCDate() !== day) return undefined;
  const seconds = text.length > 17 ? pairAt(text, 17) : 0;
  const ms = text.length > 20 ? Number(text.slice(20, 23)) : 0;
  return start + pairAt(text, 11) * HOUR + pairAt(text, 14) * MINUTE + seconds * SECOND + ms;
}

const USUAL =
  /^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{3})?)?Z$/;

/** The number that two digits are. */
function pairAt(text: string, at: number): number {
  return 10 * text.charCodeAt(at) + text.charCodeAt(at + 1) - 11 * ZERO;
}

const ZERO = '0'.charCodeAt(0);

/**
 * The exclusive end of a range whose last instant a user named: one millisecond later, or for a date
 * the end of that day.
 */
export function parseThrough(text: string, reading: TimeReading): number {
  const instant = parseInstant(text, reading);
  if (!DATE.test(text)) return instant + 1;
  const next = Temporal.PlainDate.from(text).add({ days: 1 });
  return startOfDay(next.toString(), reading.zone ?? 'UTC');
}

/**
 * An instant as RFC 3339 in a zone, with milliseconds only where there are some; beyond the years that
 * have a date, ±270,000, its milliseconds since the epoch.
 */
export function formatInstant(ms: number, zone: string): string {
  if (Math.abs(ms) > MAX_DATED) return String(ms);
  if (shown.zone !== zone || shown.texts.size === MOST_SHOWN) shown = { zone, texts: new Map() };
  let text = shown.texts.get(ms);
  if (text === undefined) {
    text = zone === 'UTC' ? utcText(ms) : zonedText(ms, zone);
    shown.texts.set(ms, text);
  }
  return text;
}

/** As `Temporal` writes it, in a tenth of the time. */
function utcText(ms: number): string {
  return new Date(ms).toISOString().replace(/[.]?0*Z$/, 'Z');
}

function zonedText(ms: number, zone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(ms);
  return instant.toZonedDateTimeISO(zone).toString({ timeZoneName: 'never' });
}

/** Instants that were shown last: rows repeat them, and to find one takes a tenth of the time. */
let shown = { zone: 'UTC', texts: new Map<number, string>() };
const MOST_SHOWN = 4096;

/** The time of day of an instant in a zone, with milliseconds only where there are some. */
export function formatClock(ms: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(zone)
    .toPlainTime()
    .toString({ smallestUnit: ms % SECOND === 0 ? 'second' : 'millisecond' });
}

/**
 * The instants of each whole second of a clock on one day, where clocks are put forward or back that
 * day; undefined on all others, whose seconds follow on its start evenly.
 *
 * A time that does not exist is that much after the change, a time that exists twice is the earlier.
 */
export function clockOfDay(date: string, zone: string): { start: number; instants?: Float64Array } {
  const midnight = Temporal.PlainDate.from(date).toPlainDateTime();
  const instantAt = (second: number): number =>
    midnight.add({ seconds: second }).toZonedDateTime(zone).epochMilliseconds;
  const start = instantAt(0);
  if (instantAt(86_399) - start === DAY - SECOND) return { start };
  const instants = new Float64Array(86_400);
  for (let minute = 0; minute < 1440; minute++) {
    const [from, to] = [instantAt(minute * 60), instantAt(minute * 60 + 59)];
    const even = to - from === MINUTE - SECOND; // else clocks change within this minute
    for (let second = 0; second < 60; second++) {
      const at = minute * 60 + second;
      instants[at] = even ? from + second * SECOND : instantAt(at);
    }
  }
  return { start, instants };
}

/**
 * Checks the name of a zone.
 *
 * @throws DaybookError `USAGE`
 */
export function parseZone(text: string): string {
  try {
    return Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(text).timeZoneId;
  } catch (cause) {
    throw new DaybookError(
      'USAGE',
      `${quote(text)} is no time zone; write one such as Europe/Berlin`,
      { cause },
    );
  }
}

/**
 * Checks a day, `YYYY-MM-DD`.
 *
 * @throws DaybookError `USAGE`
 */
export function parseDate(text: string): string {
  try {
    if (!DATE.test(text)) throw new RangeError('not of the form YYYY-MM-DD');
    return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString();
  } catch (cause) {
    throw new DaybookError('USAGE', `${quote(text)} is no day; write one such as 2021-03-01`, {
      cause,
    });
  }
}

function startOfDay(date: string, zone: string): number {
  return Temporal.PlainDate.from(parseDate(date)).toZonedDateTime(zone).epochMilliseconds;
}

/** Dates reach so far, before and after 1970. */
const MAX_DATED = 1e8 * DAY;

/** No time lies beyond, before or after 1970: whole numbers there are not exact. */
const MAX_TIME = 2 ** 53;

function parseEpoch(text: string, unit: TimeReading['unit']): number {
  const given = BigInt(text);
  if (given > MAX_TIME || given < -MAX_TIME) {
    throw new DaybookError('USAGE', `${quote(text)} is no time in ${unit}; see --time-unit`);
  }
  if (unit === 'us') return Math.floor(Number(given) / 1000);
  const ms = Number(given) * (unit === 's' ? SECOND : 1);
  return Math.max(-MAX_TIME, Math.min(ms, MAX_TIME));
}

/** A date and a time of day at an offset or in a zone. Shapes are checked, whether they exist is not. */
function parseLocal(text: string, date: string, clock: string, zoneOrOffset: string): number {
  try {
    const time = Temporal.PlainTime.from(wholeMs(clock), { overflow: 'reject' });
    if (/:60/.test(clock)) throw new RangeError('no such second');
    const local = Temporal.PlainDate.from(parseDate(date)).toPlainDateTime(time);
    if (/^[Zz]$/.test(zoneOrOffset)) return local.toZonedDateTime('UTC').epochMilliseconds;
    const [, sign, hours, minutes] = /^([+-])([0-9]{2}):?([0-9]{2})?$/.exec(zoneOrOffset) ?? [];
    if (sign === undefined) return local.toZonedDateTime(zoneOrOffset).epochMilliseconds;
    return local.toZonedDateTime(`${sign}${hours}:${minutes ?? '00'}`).epochMilliseconds;
  } catch (cause) {
    if (cause instanceof DaybookError) throw cause;
    throw new DaybookError('USAGE', `there is no time ${quote(text)}`, { cause });
  }
}

/** Cuts what is finer than a millisecond. */
function wholeMs(clock: string): string {
  return clock.replace(/([.][0-9]{3})[0-9]+$/, '$1');
}

/** A user's word as messages quote it, on one line and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** The remainder towards the past, as of a clock: never negative. */
export function modulo(number: number, by: number): number {
  const rest = number % by;
  return rest < 0 ? rest + by : rest;
}
