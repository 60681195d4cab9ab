import type { SessionLogOptions } from '../../src/decoders/session-log.ts';
import type { Decoded } from './decoder-suite.ts';

const LONGEST_LINE = 2 ** 20;
const HALF_DAY = 12 * 3600;

/** What a session log says, found the plain and slow way: the words of design.md as regular expressions. */
export function referenceSessionLog(bytes: Uint8Array, options: SessionLogOptions): Decoded {
  const { extraFields, spansMidnight, maxDisorderMs } = options;
  const events: Decoded['events'] = [];
  const rejects: Decoded['rejects'] = [];
  const lines = Buffer.from(bytes).toString('latin1').split('\n'); // a character a byte
  if (lines.at(-1) === '') lines.pop();
  let blank = 0;
  let offset = 0;
  let day = 0;
  let previous: number | undefined;
  for (const [i, line] of lines.entries()) {
    const place = { line: i + 1, offset };
    offset += line.length + 1;
    const content = line.replace(/\r$/, '');
    const fields = content.split(/[ \t]+/).filter((field) => field !== '');
    if (fields.length === 0 && content.length <= LONGEST_LINE) {
      blank++;
      continue;
    }
    const reason = whyNot(content, fields, extraFields);
    if (reason !== undefined) {
      rejects.push({ reason, ...place });
      continue;
    }
    const [time, name, marker] = fields as [string, string, string];
    const [hour, minute, second] = time.split(':').map(Number) as [number, number, number];
    const clock = hour * 3600 + minute * 60 + second;
    const change = clock - (previous ?? clock);
    previous = clock;
    if (spansMidnight) {
      if (change < -HALF_DAY) day++;
      // So much earlier than the record before, if it is of the day before that.
      else if (day > 0 && change > HALF_DAY && (24 * 3600 - change) * 1000 <= maxDisorderMs) day--;
    }
    events.push({
      time: instantOf(options, day, [hour, minute, second]),
      name,
      start: marker === 'Start',
      line: place.line,
      position: place.offset,
    });
  }
  return { events, rejects, lines: lines.length, blank };
}

function whyNot(content: string, fields: string[], extraFields: string): string | undefined {
  if (content.length > LONGEST_LINE) return 'too long';
  const [time = '', name = '', marker = ''] = fields;
  if (fields.length < 3 || (fields.length > 3 && extraFields === 'reject')) return 'field count';
  if (!/^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$/.test(time)) return 'time';
  if (!/^[A-Za-z0-9]+$/.test(name)) return 'name';
  if (marker !== 'Start' && marker !== 'End') return 'marker';
  return undefined;
}

function instantOf(
  { date, zone }: { date: string; zone: string },
  days: number,
  [hour, minute, second]: [number, number, number],
): number {
  if (zone === 'UTC') {
    const [year, month, day] = date.split('-').map(Number) as [number, number, number];
    return Date.UTC(year, month - 1, day + days, hour, minute, second);
  }
  return Temporal.PlainDate.from(date)
    .add({ days })
    .toPlainDateTime({ hour, minute, second })
    .toZonedDateTime(zone).epochMilliseconds;
}
