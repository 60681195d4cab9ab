import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { type SessionLogOptions, sessionLog } from '../../src/decoders/session-log.ts';
import { readsAsReference } from '../support/decoder-fuzz.ts';
import { decodeAll, decoderSuite } from '../support/decoder-suite.ts';
import { inOwnMemory } from '../support/own-memory.ts';
import { referenceSessionLog } from '../support/reference-session-log.ts';

type Options = Partial<SessionLogOptions>;

const USUAL: SessionLogOptions = {
  date: '1970-01-01',
  zone: 'UTC',
  spansMidnight: false,
  maxDisorderMs: 300_000,
  extraFields: 'reject',
};

const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);
const LETTERS = 'ABCDEFGHIJKLMNOPQRST';

const times = fc.oneof(
  { arbitrary: fc.constantFrom('14:02:03', '14:02:04', '00:00:00', '23:59:59'), weight: 5 },
  fc
    .tuple(fc.nat(24), fc.nat(60), fc.nat(60))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':')),
);
const realTimes = times.filter((time) => !/24|60/.test(time));
// Of 1 to 20 letters, each the beginning of the longer ones.
const lettered = fc.integer({ min: 1, max: LETTERS.length }).map((n) => LETTERS.slice(0, n));
const names = fc.oneof(
  { arbitrary: lettered, weight: 4 },
  fc.constantFrom('constructor', 'toString', '10', 'Start', 'End', 'ALICE99', 'alice99', '0'),
);
const markers = fc.constantFrom('Start', 'End');
const records = fc.tuple(realTimes, names, markers).map((fields) => fields.join(' '));
const wrong = {
  'field count': '14:02:03 ALICE99',
  time: '24:00:00 ALICE99 Start',
  name: '14:02:03 ALICE_99 Start',
  marker: '14:02:03 ALICE99 start',
};

const ways = { sessionLog, 'sessionLog in memory of its own': inOwnMemory(sessionLog) };

for (const [way, kind] of Object.entries(ways))
  describe(way, () => {
    const opened = (options: Options = {}) => kind.open({ ...USUAL, ...options });

    /** The records of a log, written as they should be. */
    function told(log: string): string[] {
      return decodeAll(opened(), Buffer.from(log)).events.map(
        ({ time, name, start }) =>
          `${new Date(time).toISOString().slice(11, 19)} ${name} ${start ? 'Start' : 'End'}`,
      );
    }

    decoderSuite(kind, { options: USUAL, records, wrong });

    describe('that ignores extra fields', () => {
      decoderSuite(kind, {
        options: { ...USUAL, extraFields: 'ignore' },
        records: fc
          .tuple(records, fc.constantFrom('', ' ', ' more', '\tmore and more'))
          .map((parts) => parts.join('')),
        wrong,
      });
    });

    describe('reads what the reference reads', () => {
      const lines = fc
        .tuple(
          fc.constantFrom('', '', '', '', ' ', '\t', '\0', '\ufeff'),
          times,
          fc.constantFrom(' ', ' ', ' ', ' ', '  ', '\t', '', '\u00a0'),
          fc.oneof({ arbitrary: names, weight: 9 }, fc.constantFrom('__proto__', 'Zoë', '', '٣')),
          fc.constantFrom(' ', ' ', ' ', ' ', '\t ', ''),
          fc.oneof({ arbitrary: markers, weight: 9 }, fc.constantFrom('start', 'Ends', 'Stop', '')),
          fc.constantFrom('', '', '', '', '\r', ' ', ' \r', '\r\r', ' more', '\r\n'),
        )
        .map((parts) => parts.join(''));
      const behind = ['Start\nEnd\n14:02:03', ' End\nA'];
      const shares: Record<string, [share: number, options: Options]> = {
        'of one day': [0.4, {}],
        'of fields to ignore': [0.2, { extraFields: 'ignore', date: '2024-02-29' }],
        'across midnight': [0.3, { spansMidnight: true, date: '2021-12-31', maxDisorderMs: 1000 }],
        'across the start of summer': [0.1, { date: '2021-03-28', zone: 'Europe/Berlin' }],
      };
      for (const [title, [share, options]] of Object.entries(shares)) {
        test(`in damaged logs ${title}`, () => {
          const all = { ...USUAL, ...options };
          const sole = all.spansMidnight ? undefined : opened(all);
          readsAsReference(
            { lines, behind, runs: FUZZ_RUNS * share },
            () => sole ?? opened(all),
            (log) => referenceSessionLog(log, all),
          );
        });
      }
    });

    test('reads what the reference reads with any byte in any place of a record', () => {
      const lines: Buffer[] = [];
      for (const usual of ['14:02:03 ALICE99 Start', '14:02:03 ALICE99 End', '23:59:59 A Start']) {
        lines.push(Buffer.from(`${usual}\n`));
        for (let at = 0; at <= usual.length; at++) {
          for (let byte = 0; byte < 256; byte++) {
            const line = Buffer.from(`${usual}\n`);
            line[at] = byte;
            lines.push(line);
          }
        }
      }
      const log = Buffer.concat(lines);
      assert.deepEqual(decodeAll(opened(), log), referenceSessionLog(log, USUAL));
    });

    test('reads all times that exist, and no others', () => {
      const lines: string[] = ['14:02:03 A Start\n'];
      for (let n = 0; n < 100; n++) {
        const two = String(n).padStart(2, '0');
        for (const time of [`${two}:02:03`, `14:${two}:03`, `14:02:${two}`])
          lines.push(`${time} A End\n`);
      }
      const log = Buffer.from(lines.join(''));
      const decoded = decodeAll(opened(), log);
      assert.deepEqual(decoded, referenceSessionLog(log, USUAL));
      assert.deepEqual(
        [decoded.events.length, decoded.rejects.length],
        [1 + 24 + 60 + 60, 76 + 40 + 40],
      );
    });

    test('takes blanks around fields, tabs, CRLF and a missing last line end', () => {
      const log = ' 14:02:03\tA  Start \r\n\t14:02:04 \t A End\t\n14:02:05 A Start\r';
      assert.deepEqual(told(log), ['14:02:03 A Start', '14:02:04 A End', '14:02:05 A Start']);
    });

    test('counts lines of blanks as blank', () => {
      const { blank, lines, rejects } = decodeAll(opened(), Buffer.from('\n \n\t\r\n\r\n   \t  '));
      assert.deepEqual({ blank, lines, rejects }, { blank: 5, lines: 5, rejects: [] });
    });

    test('names the first thing that is wrong with a line', () => {
      const reasons = {
        'x y': 'field count',
        'x y z extra': 'field count',
        '\0': 'field count',
        '\r\r': 'field count',
        'x _ z': 'time',
        '14:02:60 _ z': 'time',
        '24:00:00 A Start': 'time',
        '14:60:00 A Start': 'time',
        '4:02:03 A Start': 'time',
        '14:02:03Z A Start': 'time',
        '14:02:03. A Start': 'time',
        '14.02.03 A Start': 'time',
        '\ufeff14:02:03 A Start': 'time',
        '1٣:02:03 A Start': 'time',
        '１４:02:03 A Start': 'time',
        '14:02:03 _ z': 'name',
        '14:02:03 A\0 Start': 'name',
        '14:02:03 Zoë Start': 'name',
        '14:02:03 A@ Start': 'name',
        '14:02:03 A[ Start': 'name',
        '14:02:03 A` Start': 'name',
        '14:02:03 A{ Start': 'name',
        '14:02:03 A/ Start': 'name',
        '14:02:03 A: Start': 'name',
        '14:02:03 A start': 'marker',
        '14:02:03 A START': 'marker',
        '14:02:03 A Starts': 'marker',
        '14:02:03 A Ends': 'marker',
        '14:02:03 A Star': 'marker',
        '14:02:03 A End\0': 'marker',
        '14:02:03 A End\r\r': 'marker',
        '14:02:03 A \u00a0End': 'marker',
      };
      for (const [line, reason] of Object.entries(reasons)) {
        for (const before of ['', '14:02:03 A Start\n']) {
          const { rejects } = decodeAll(opened(), Buffer.from(before + line));
          assert.deepEqual(
            rejects.map((reject) => reject.reason),
            [reason],
            JSON.stringify(line),
          );
        }
      }
    });

    test('does not take a line for a record because it begins with the time before', () => {
      const wrongLines = [
        ...[
          '14:02:03',
          '14:02:03 ',
          '14:02:03 A',
          '14:02:03 A ',
          '14:02:03A Start',
          '14:02:03 AStart',
        ],
        ...['14:02:030 A Start', '14:02:03\0A Start', '14:02:03 A Start End', '14:02:03  Start'],
        ...['14:02:03 A StartEnd', '14:02:03 A Start\0', '14:02:03 A E', '14:02:03 A Enx'],
      ];
      for (const line of wrongLines) {
        const { events, rejects } = decodeAll(
          opened(),
          Buffer.from(`14:02:03 A Start\n${line}\n14:02:03 A End\n`),
        );
        assert.deepEqual([events.length, rejects.length], [2, 1], JSON.stringify(line));
      }
      assert.deepEqual(told('14:02:03 A Start\n14:02:03\tA\tEnd\n'), [
        '14:02:03 A Start',
        '14:02:03 A End',
      ]);
    });

    test('tells names apart of which one begins the other, of any length', () => {
      const all = Array.from({ length: 40 }, (_, i) => 'A'.repeat(i + 1));
      const known = [...all, ...all.toReversed(), ...all].map((name) => `14:02:03 ${name} Start`);
      assert.deepEqual(told(known.join('\n')), known);
    });

    test('tells names apart that differ in one letter', () => {
      const all = Array.from({ length: 12 }, (_, i) => `${'A'.repeat(i)}B${'A'.repeat(11 - i)}`);
      const known = [...all, ...all].map((name) => `14:02:03 ${name} End`);
      assert.deepEqual(told(known.join('\n')), known);
    });

    test('rejects a file of NULs as one line', () => {
      const nothing = { events: [], blank: 0, lines: 1 };
      assert.deepEqual(decodeAll(opened(), Buffer.alloc(5000)), {
        ...nothing,
        rejects: [{ reason: 'field count', line: 1, offset: 0 }],
      });
      assert.deepEqual(decodeAll(opened(), Buffer.alloc(MAX_RECORD_BYTES + 1)), {
        ...nothing,
        rejects: [{ reason: 'too long', line: 1, offset: 0 }],
      });
    });

    test('reads lines of up to 1 MiB, line end not counted, and rejects longer ones', () => {
      const line = (length: number) => `14:02:03 ${'A'.repeat(length - 15)} Start`;
      const longest = line(MAX_RECORD_BYTES);
      const log = [
        longest,
        `${longest}\r`,
        line(MAX_RECORD_BYTES + 1),
        longest,
        line(5000),
        line(5000),
      ];
      const { events, rejects } = decodeAll(opened(), Buffer.from(log.join('\n')));
      assert.deepEqual(
        events.map((event) => [event.line, event.name.length]),
        [1, 2, 4, 5, 6].map((n) => [n, (n < 5 ? MAX_RECORD_BYTES : 5000) - 15]),
      );
      assert.deepEqual(rejects, [
        { reason: 'too long', line: 3, offset: 2 * MAX_RECORD_BYTES + 3 },
      ]);
    });

    test('rejects a line over 1 MiB of somebody who is known', () => {
      const name = 'A'.repeat(MAX_RECORD_BYTES - 13);
      const log = [`14:02:03 ${name} End`, `14:02:03 ${name} Start`, `14:02:03 ${name} End`];
      const { events, rejects } = decodeAll(opened(), Buffer.from(log.join('\n')));
      assert.deepEqual(
        [events.map(({ line }) => line), rejects.map(({ reason }) => reason)],
        [[1, 3], ['too long']],
      );
    });

    test('rejects a line of blanks over 1 MiB as too long', () => {
      const { rejects, blank } = decodeAll(opened(), Buffer.alloc(MAX_RECORD_BYTES + 1, ' '));
      assert.deepEqual([rejects.map(({ reason }) => reason), blank], [['too long'], 0]);
    });

    describe('on a day when clocks change', () => {
      const told = (date: string, log: string[]) => {
        const { events } = decodeAll(opened({ date, zone: 'Europe/Berlin' }), linesOf(log));
        return events.map(({ time }) => new Date(time).toISOString());
      };

      test('takes a time that does not exist for the one as long after the change', () => {
        assert.deepEqual(told('2021-03-28', ['01:59:59', '02:30:00', '03:00:00', '03:30:00']), [
          '2021-03-28T00:59:59.000Z',
          '2021-03-28T01:30:00.000Z',
          '2021-03-28T01:00:00.000Z',
          '2021-03-28T01:30:00.000Z',
        ]);
      });

      test('takes a time that exists twice for the earlier', () => {
        assert.deepEqual(told('2021-10-31', ['01:59:59', '02:30:00', '03:00:00', '23:59:59']), [
          '2021-10-30T23:59:59.000Z',
          '2021-10-31T00:30:00.000Z',
          '2021-10-31T02:00:00.000Z',
          '2021-10-31T22:59:59.000Z',
        ]);
      });
    });

    describe('that spans midnight', () => {
      decoderSuite(kind, { options: { ...USUAL, spansMidnight: true }, records, wrong });

      const told = (log: string[], options: Options = {}) =>
        decodeAll(
          opened({ date: '2021-12-31', spansMidnight: true, ...options }),
          linesOf(log),
        ).events.map(({ time }) => new Date(time).toISOString().slice(5, 19));

      test('takes a drop of more than 12 hours for a new day, and no smaller one', () => {
        assert.deepEqual(told(['18:00:01', '06:00:01', '18:00:02', '06:00:01', '05:59:59']), [
          '12-31T18:00:01',
          '12-31T06:00:01',
          '12-31T18:00:02',
          '01-01T06:00:01',
          '01-01T05:59:59',
        ]);
      });

      test('takes a record for one of the day before that is late by the disorder, not more', () => {
        const options = { maxDisorderMs: 60_000 };
        assert.deepEqual(told(['23:59:59', '00:00:30', '23:59:30', '00:00:31'], options), [
          '12-31T23:59:59',
          '01-01T00:00:30',
          '12-31T23:59:30',
          '01-01T00:00:31',
        ]);
        assert.deepEqual(told(['23:59:59', '00:00:30', '23:59:29', '00:00:31'], options), [
          '12-31T23:59:59',
          '01-01T00:00:30',
          '01-01T23:59:29',
          '01-02T00:00:31',
        ]);
      });

      test('never goes back before the first day: the log has passed no midnight yet', () => {
        assert.deepEqual(told(['00:00:01', '23:59:59']), ['12-31T00:00:01', '12-31T23:59:59']);
      });

      test('lets no reject turn the day', () => {
        for (const rejected of [
          '00:00:01 A Stop',
          '00:00:01 A_ End',
          '00:00:01 A End End',
          '00:00:01 A',
        ]) {
          const log = ['23:59:58 A Start', rejected, '23:59:59 A Start', '23:59:59 A End'];
          assert.deepEqual(
            decodeAll(opened({ spansMidnight: true }), Buffer.from(log.join('\n'))).events.map(
              ({ time }) => time,
            ),
            [86_398_000, 86_399_000, 86_399_000],
          );
        }
      });

      test('takes one clock for all inputs', () => {
        const decoder = opened({ spansMidnight: true });
        decodeAll(decoder, Buffer.from('23:59:59 A Start\n'));
        const [event] = decodeAll(decoder, Buffer.from('00:00:01 A End\n')).events;
        assert.equal(event?.time, 86_401_000);
      });

      test('goes on where the clock of another log was, also at the same time of another day', () => {
        const decoder = opened({ spansMidnight: true });
        const timesOf = (log: string[]) =>
          decodeAll(decoder, linesOf(log)).events.map(({ time }) => time / 1000);
        timesOf(['23:00:00', '01:00:00']);
        const first = structuredClone(decoder.save!());
        decoder.load!(structuredClone(opened({ spansMidnight: true }).save!()));
        assert.deepEqual(timesOf(['01:00:00', '01:00:00']), [3600, 3600]);
        decoder.load!(first);
        assert.deepEqual(timesOf(['01:00:00', '14:00:00', '01:00:00']), [90_000, 136_800, 176_400]);
      });
    });

    test('is sequential only when it spans midnight', () => {
      const sequential = (options: Options) => sessionLog.sequential?.({ ...USUAL, ...options });
      assert.deepEqual([sequential({}), sequential({ spansMidnight: true })], [false, true]);
    });
  });

function linesOf(times: readonly string[]): Buffer {
  return Buffer.from(times.map((time) => `${time} A Start\n`).join(''));
}
