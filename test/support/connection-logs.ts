import fc from 'fast-check';
import type { DecoderKind } from '../../src/core/decoder.ts';
import { type ConnectionLogOptions, connectionLog } from '../../src/decoders/connection-log.ts';
import { inOwnMemory } from './own-memory.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq';

/** The decoder of connection logs by what it is called, each way that it reads. */
export const connectionLogs: Readonly<Record<string, DecoderKind<ConnectionLogOptions>>> = {
  connectionLog,
  'connectionLog in memory of its own': inOwnMemory(connectionLog),
};

/** What times are counted in. */
export type Unit = 's' | 'ms' | 'us';

/** All units of times. */
export const UNITS = ['s', 'ms', 'us'] as const;

/** Hosts of 1 to 43 letters, each the beginning of the longer ones. */
export const lettered: fc.Arbitrary<string> = fc
  .integer({ min: 1, max: LETTERS.length })
  .map((n) => LETTERS.slice(0, n));

/** Hosts, usual and odd. */
export const hosts: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: fc.constantFrom('Aadvik', 'Matina', 'Jeremiah-Emmanuel'), weight: 9 }, // so that most are known
  { arbitrary: lettered, weight: 3 },
  {
    arbitrary: fc.constantFrom(
      ...['Aadvik', 'Matina', 'aadvik', 'Jeremiah-Emmanuel', 'host-1.example.net', '10.0.0.1'],
      ...['constructor', '__proto__', '0', 'Zoë', 'Żółć', '例え.テスト', '\u{1f600}', '\u00a0'],
    ),
    weight: 3,
  },
);

/** Lines that are records. */
export const connections: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('1565647204351', '0', '9007199254740992'), hosts, hosts)
  .map((fields) => fields.join(' '));

/** Lines that are none, by reason. */
export const wrong: Readonly<Record<string, string>> = {
  'field count': '1565647204351 Aadvik',
  time: '1565647204351.5 Aadvik Matina',
  host: '1565647204351 Aadvik Mat\0ina',
};
