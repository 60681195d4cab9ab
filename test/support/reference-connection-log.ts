import { isUtf8 } from 'node:buffer';
import type { ConnectionLogOptions } from '../../src/decoders/connection-log.ts';
import type { Decoded } from './decoder-suite.ts';

const LONGEST_LINE = 2 ** 20;
const GREATEST = 2n ** 53n;

/** What a connection log says, found the plain and slow way: the words of design.md as regular expressions. */
export function referenceConnectionLog(
  bytes: Uint8Array,
  { timeUnit }: ConnectionLogOptions,
): Decoded {
  const events: Decoded['events'] = [];
  const rejects: Decoded['rejects'] = [];
  const lines = Buffer.from(bytes).toString('latin1').split('\n'); // a character a byte
  if (lines.at(-1) === '') lines.pop();
  let blank = 0;
  let offset = 0;
  for (const [i, line] of lines.entries()) {
    const place = { line: i + 1, offset };
    offset += line.length + 1;
    const content = line.replace(/\r$/, '');
    const fields = content.split(/[ \t]+/).filter((field) => field !== '');
    if (fields.length === 0 && content.length <= LONGEST_LINE) {
      blank++;
      continue;
    }
    const reason = whyNot(content, fields, timeUnit);
    if (reason !== undefined) {
      rejects.push({ reason, ...place });
      continue;
    }
    const [time, source, target] = fields as [string, string, string];
    events.push({
      time: Number(instantOf(time, timeUnit)),
      name: Buffer.from(source, 'latin1').toString(),
      object: Buffer.from(target, 'latin1').toString(),
      line: place.line,
      position: place.offset,
    });
  }
  return { events, rejects, lines: lines.length, blank };
}

function whyNot(content: string, fields: string[], timeUnit: 's' | 'ms' | 'us') {
  if (content.length > LONGEST_LINE) return 'too long';
  const [time = '', ...hosts] = fields;
  if (fields.length !== 3) return 'field count';
  if (!/^[0-9]+$/.test(time) || BigInt(time) > GREATEST) return 'time';
  if (instantOf(time, timeUnit) > GREATEST) return 'time';
  if (hosts.some((host) => /[^\x20-\x7e\x80-\xff]/.test(host))) return 'host';
  if (hosts.some((host) => !isUtf8(Buffer.from(host, 'latin1')))) return 'encoding';
  return undefined;
}

function instantOf(time: string, timeUnit: 's' | 'ms' | 'us'): bigint {
  if (timeUnit === 'us') return BigInt(time) / 1000n;
  return BigInt(time) * (timeUnit === 's' ? 1000n : 1n);
}
