import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { connectionLogs, hosts, UNITS, type Unit } from '../support/connection-logs.ts';
import { readsAsReference } from '../support/decoder-fuzz.ts';
import { decodeAll } from '../support/decoder-suite.ts';
import { referenceConnectionLog } from '../support/reference-connection-log.ts';

const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);
const NEWLINE = 0x0a;

/** Digits of any length, most of them as long as those of this century. */
const numbers = fc.oneof(
  {
    arbitrary: fc.constantFrom('1565647204351', '1565647204352', '1565647304351'),
    weight: 4,
  },
  { arbitrary: fc.constantFrom('1565647204', '1565647204351000', '1565647204351999'), weight: 2 },
  { arbitrary: fc.bigInt({ min: 0n, max: 2n ** 53n + 9n }).map(String), weight: 1 },
  { arbitrary: fc.integer({ min: 0, max: 10 ** 9 }).map(String), weight: 1 },
  fc.constantFrom(
    ...['0', '00', '9007199254740991', '9007199254740992', '9007199254740993', '9007199254740'],
    ...['9007199254741', '0009007199254740992', '00000000000000001', '99999999999999999999999'],
    ...['9999999999999999', '10000000000000000', '012345678901234'],
  ),
);

for (const [way, kind] of Object.entries(connectionLogs))
  describe(way, () => {
    const opened = (timeUnit: Unit = 'ms') => kind.open({ timeUnit });

    describe('reads what the reference reads', () => {
      const lines = fc
        .tuple(
          fc.constantFrom('', '', '', '', '', '', ' ', '\t', '\0', '\ufeff', '-', '+'),
          numbers,
          fc.constantFrom(' ', ' ', ' ', ' ', ' ', ' ', '  ', '\t', '', '\u00a0', '.0 ', ' \r'),
          hosts,
          fc.constantFrom(' ', ' ', ' ', ' ', ' ', ' ', '\t ', '', '\r ', '\v', '\x7f '),
          hosts,
          fc.constantFrom('', '', '', '', '', '', '\r', ' ', ' \r', '\r\r', ' more', '\r\n', '\0'),
        )
        .map((parts) => parts.join(''));
      const behind = ['Matina\n1565647204352 A', ' A\n', '204351 A B\n'];
      const runs = FUZZ_RUNS / UNITS.length;
      for (const timeUnit of UNITS) {
        test(`in damaged logs in ${timeUnit}`, () => {
          const decoder = opened(timeUnit);
          readsAsReference(
            { lines, behind, runs },
            () => decoder,
            (log) => referenceConnectionLog(log, { timeUnit }),
          );
        });
      }
    });

    test('reads what the reference reads with any byte in any place of a record', () => {
      const lines: Buffer[] = [];
      for (const usual of [
        '1565647204351 Aadvik Matina',
        '1565647204 A Zoë',
        '1565647204351999 Zoë A',
        '12 Jeremiah-Emmanuel A',
      ]) {
        lines.push(Buffer.from(`${usual}\n`));
        for (let at = 0; at <= Buffer.byteLength(usual); at++) {
          for (let byte = 0; byte < 256; byte++) {
            const line = Buffer.from(`${usual}\n`);
            line[at] = byte;
            lines.push(line);
          }
        }
      }
      const log = Buffer.concat(lines);
      for (const timeUnit of UNITS) {
        assert.deepEqual(
          decodeAll(opened(timeUnit), log),
          referenceConnectionLog(log, { timeUnit }),
        );
      }
    });

    test('takes nothing but spaces and tabs for a blank', () => {
      const known = '1565647204351 Aadvik Matina\n'.repeat(2);
      const lines = Array.from({ length: 256 }, (_, byte) => {
        const [number, source, target] = ['1565647204351', 'Aadvik', 'Matina'].map((field) =>
          Buffer.from(field),
        );
        const blank = Buffer.of(byte);
        return Buffer.concat([number!, blank, source!, blank, target!, Buffer.of(NEWLINE)]);
      });
      const log = Buffer.concat([Buffer.from(known), ...lines]);
      assert.deepEqual(decodeAll(opened(), log), referenceConnectionLog(log, { timeUnit: 'ms' }));
    });

    test('reads numbers of any length, one like the one before or not', () => {
      const lines = ['0 A B'];
      for (const longer of [...Array(24).keys(), ...[...Array(24).keys()].reverse()]) {
        const number = '198765432109876543210987'.slice(0, longer + 1);
        lines.push(`${number} A B`, `${number} B A`, `${'0'.repeat(longer)}7 A B`, `8 A B`);
      }
      const log = Buffer.from(lines.join('\n'));
      for (const timeUnit of UNITS) {
        assert.deepEqual(
          decodeAll(opened(timeUnit), log),
          referenceConnectionLog(log, { timeUnit }),
        );
      }
    });

    test('reads lines of known hosts with single tabs or CRLF, all of them or some', () => {
      const records = [
        ...['1565647204351 A B\n', '1565647204351\tA\tB\n', '1565647204351 A B\r\n'],
        ...['15\tA\tB\r\n', '1565647204351 A\tB\n', '1565647204351\tA B\n', '15 B A\r\n'],
        ...['1565647204351 A B\r\r\n', '1565647204351\tA\t\r\n', '1565647204351 A \r\n'],
      ];
      const log = Buffer.from(
        records.flatMap((first) => records.map((second) => first + second + second)).join(''),
      );
      assert.deepEqual(decodeAll(opened(), log), referenceConnectionLog(log, { timeUnit: 'ms' }));
    });
  });
