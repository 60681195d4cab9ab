import type { SessionLogOptions } from '../../src/decoders/session-log.ts';
import type { Decoded } from './decoder-suite.ts';
import { LONGEST_LINE, referenceLines } from './reference-lines.ts';

const HALF_DAY = 12 * 3600;

/** What a session log says, found the plain and slow way: the words of design.md as regular expressions. */
export function referenceSessionLog(bytes: Uint8Array, options: SessionLogOptions): Decoded {
  const { extraFields, spansMidnight, maxDisorderMs } = options;
  let day = 0;
  let previous: number | undefined;
  return referenceLines(bytes, {
    whyNot: (content, fields) => whyNot(content, fields, extraFields),
    read(fields) {
      const [time, name, marker] = fields as [string, string, string];
      const [hour, minute, second] = time.split(':').map(Number) as [number, number, number];
      const clock = hour * 3600 + minute * 60 + second;
      const change = clock - (previous ?? clock);
      previous = clock;
      if (spansMidnight) {
        if (change < -HALF_DAY) day++;
        // So much earlier than the record before, if it is of the day before that.
        else if (day > 0 && change > HALF_DAY && (24 * 3600 - change) * 1000 <= maxDisorderMs)
          day--;
      }
      return {
        time: instantOf(options, day, [hour, minute, second]),
        name,
        start: marker === 'Start',
      };
    },
  });
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
