import { isUtf8 } from 'node:buffer';
import type { ConnectionLogOptions } from '../../src/decoders/connection-log.ts';
import type { Decoded } from './decoder-suite.ts';
import { LONGEST_LINE, referenceLines } from './reference-lines.ts';

const GREATEST = 2n ** 53n;

/** What a connection log says, found the plain and slow way: the words of design.md as regular expressions. */
export function referenceConnectionLog(
  bytes: Uint8Array,
  { timeUnit }: ConnectionLogOptions,
): Decoded {
  return referenceLines(bytes, {
    whyNot: (content, fields) => whyNot(content, fields, timeUnit),
    read(fields) {
      const [time, source, target] = fields as [string, string, string];
      return {
        time: Number(instantOf(time, timeUnit)),
        name: Buffer.from(source, 'latin1').toString(),
        object: Buffer.from(target, 'latin1').toString(),
      };
    },
  });
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
