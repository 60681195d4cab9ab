import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Decoder, MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import { connectionLog } from '../../src/decoders/connection-log.ts';
import { readsAsReference } from '../support/decoder-fuzz.ts';
import { damaged, decodeAll, decoderSuite } from '../support/decoder-suite.ts';
import { inOwnMemory } from '../support/own-memory.ts';
import { referenceConnectionLog } from '../support/reference-connection-log.ts';

type Unit = 's' | 'ms' | 'us';

const UNITS = ['s', 'ms', 'us'] as const;
const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);
const NEWLINE = 0x0a;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq';

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
// Of 1 to 43 letters, each the beginning of the longer ones.
const lettered = fc.integer({ min: 1, max: LETTERS.length }).map((n) => LETTERS.slice(0, n));
const hosts = fc.oneof(
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
const connections = fc
  .tuple(fc.constantFrom('1565647204351', '0', '9007199254740992'), hosts, hosts)
  .map((fields) => fields.join(' '));
/** Logs of lines that are alike, as nearly all are, but for a few. */
const alikeLogs = fc
  .tuple(
    fc.constantFrom(' ', ' ', '\t'),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.constantFrom(
      ...[
        ['1565647204351', '9565647204352'],
        ['0', '9'],
        ['8007199254740993', '8999999999999999'],
      ],
      ...[['9007199254740991', '9007199254740992', '1007199254740991', '9007199254740993']],
    ),
    fc.array(fc.tuple(fc.nat(), alikeHosts(), alikeHosts(), fc.nat(40)), { maxLength: 60 }),
  )
  .map(([blank, end, times, lines]) =>
    Buffer.from(
      lines
        .map(([time, source, target, odd]) => {
          const fields = [times[time % times.length], source, target, 'more'];
          return fields.slice(0, odd === 0 ? 4 : odd === 1 ? 2 : 3).join(odd === 2 ? ' ' : blank);
        })
        .join(end),
    ),
  );

/** These logs and those of lines that are alike, damaged or not. */
function anyOf(logs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.oneof(logs, damaged(logs), alikeLogs, damaged(alikeLogs));
}

function alikeHosts(): fc.Arbitrary<string> {
  const short = fc.constantFrom('A', 'B', 'AB', 'XB', 'Aadvik', 'aadvik', 'Matina', 'Marina');
  return fc.oneof({ arbitrary: short, weight: 9 }, { arbitrary: lettered, weight: 3 }, hosts);
}

const wrong = {
  'field count': '1565647204351 Aadvik',
  time: '1565647204351.5 Aadvik Matina',
  host: '1565647204351 Aadvik Mat\0ina',
};

const ways = { connectionLog, 'connectionLog in memory of its own': inOwnMemory(connectionLog) };

for (const [way, kind] of Object.entries(ways))
  describe(way, () => {
    const opened = (timeUnit: Unit = 'ms') => kind.open({ timeUnit });

    /** The records of a log, written as they should be. */
    function told(log: string | Uint8Array, unit: Unit = 'ms'): string[] {
      return decodeAll(opened(unit), Buffer.from(log)).events.map(
        ({ time, name, object }) => `${time} ${name} ${object}`,
      );
    }

    /** The reasons of what is no record, also of those that follow records of the same hosts. */
    function reasonsOf(line: string | Uint8Array, unit: Unit = 'ms'): string[] {
      const log = Buffer.concat([
        Buffer.from('1565647204351 Aadvik Matina\n1565647204352 Matina Aadvik\n'),
        Buffer.from(line),
      ]);
      const { events, rejects } = decodeAll(opened(unit), log);
      const alone = decodeAll(opened(unit), Buffer.from(line)).rejects;
      const reasons = rejects.map(({ reason }) => reason);
      assert.deepEqual(
        alone.map(({ reason }) => reason),
        reasons,
      );
      assert.equal(events.length, 2);
      return reasons;
    }

    decoderSuite(kind, { options: { timeUnit: 'ms' }, records: connections, wrong });

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

    test('leaves out nothing but records of others, and counts them', () => {
      const lines = [...'AB0'].flatMap((ends) => [
        `12 A${ends}\n`,
        `12 ${ends} B\r\n`,
        `12\tA\t${ends}\n`,
      ]);
      const logs = fc
        .array(fc.oneof(connections, fc.constantFrom(...lines, ...Object.values(wrong))), {
          maxLength: 12,
        })
        .map((all) => Buffer.from(all.join('\n')));
      const asked = fc.oneof(
        hosts,
        lettered,
        fc.constantFrom('', 'A', 'B', 'AB', 'A B', 'A'.repeat(15), 'A'.repeat(16)),
      );
      const handings = fc.record({
        lines: fc.constantFrom(1, 2, 100),
        room: fc.constantFrom(1, 100),
      });
      const decoders = new Map<string, Decoder>();
      let leftOut = 0;
      fc.assert(
        fc.property(anyOf(logs), asked, handings, (log, host, handing) => {
          const decoder = decoders.get(host) ?? kind.open({ timeUnit: 'ms', onlyHost: host });
          decoders.set(host, decoder);
          const all = referenceConnectionLog(log, { timeUnit: 'ms' });
          const {
            events,
            others = 0,
            ...rest
          } = decodeAll(decoder, log, { ...handing, leaveOut: true });
          leftOut += others;
          const ofHost = (found: typeof events) =>
            found
              .filter(({ name, object }) => name === host || object === host)
              .map(({ time, name, object }) => ({ time, name, object }));
          assert.deepEqual(ofHost(events), ofHost(all.events));
          assert.equal(events.length + others, all.events.length);
          assert.deepEqual({ ...rest, events: all.events }, all);
        }),
        { numRuns: FUZZ_RUNS },
      );
      assert.equal(leftOut > 0, way !== 'connectionLog');
    });

    test('leaves out the same wherever a line stands', () => {
      const odd = [
        ...['', '12 A', '12 A ', '12  A', '12 A B C', '12 A\tB', ' 12 A B', '1x A B', '123 A B'],
        ...['12 A B\r', '12 A\rB', '12 A \r', '12 A\x7f B', '12 A \u00e9', '12\tA\tB', '1 2 A'],
        ...['12 Matina B', '12 A Matina', '12 A Matina\r', '12 Marina B', '12 A XMatina'],
      ];
      const decoder = kind.open({ timeUnit: 'ms', onlyHost: 'Matina' });
      const usual = '12 A B\n'.repeat(20);
      const behind = Buffer.from(usual);
      for (const line of odd)
        for (let length = 1; length <= 64; length++)
          for (const lines of [2, 100]) {
            const front = `12 A B\n12 ${'C'.repeat(length)} D\n`;
            const log = Buffer.from(`${front}${line}\n${usual}`);
            const found = decodeAll(decoder, log, { lines, behind, leaveOut: true });
            const { rejects, events } = referenceConnectionLog(log, { timeUnit: 'ms' });
            assert.deepEqual(found.rejects, rejects);
            assert.equal(found.events.length + (found.others ?? 0), events.length);
            const asked = /Matina/.test(line) && !/XM/.test(line) ? 1 : 0;
            const isAsked = ({ name, object }: (typeof events)[number]) =>
              name === 'Matina' || object === 'Matina';
            assert.equal(found.events.filter(isAsked).length, asked, JSON.stringify(line));
          }
    });

    for (const untimed of [false, true])
      test(`reads the same records where only sources are wanted, ${untimed ? 'not even times' : 'but for their targets'}`, () => {
        const logs = fc
          .array(
            fc.oneof(connections, fc.constantFrom('12 A B\r', '12 B A', ...Object.values(wrong))),
          )
          .map((all) => Buffer.from(all.join('\n')));
        const decoder = kind.open({ timeUnit: 'ms', sourcesOnly: true, untimed });
        let unlike = 0;
        fc.assert(
          fc.property(anyOf(logs), (log) => {
            const { events, ...rest } = decodeAll(decoder, log);
            const { events: all, ...found } = referenceConnectionLog(log, { timeUnit: 'ms' });
            const wanted = (of: typeof events) =>
              of.map(({ object: _, time, ...event }) => (untimed ? event : { ...event, time }));
            assert.deepEqual(
              { ...rest, events: wanted(events) },
              { ...found, events: wanted(all) },
            );
            unlike += events.filter(({ object }, i) => object !== all[i]!.object).length;
          }),
          { numRuns: FUZZ_RUNS },
        );
        assert.equal(unlike > 0, way !== 'connectionLog');
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

    test('takes numbers up to 2^53, and none beyond', () => {
      const known = '0 A B\n';
      assert.deepEqual(told(`${known}9007199254740992 A B\n9007199254740991 A B`), [
        '0 A B',
        '9007199254740992 A B',
        '9007199254740991 A B',
      ]);
      for (const unit of UNITS) {
        assert.deepEqual(reasonsOf('9007199254740993 Aadvik Matina', unit), ['time']);
        assert.deepEqual(reasonsOf(`1${'0'.repeat(400)} Aadvik Matina`, unit), ['time']);
      }
      assert.deepEqual(told('00009007199254740992 A B'), ['9007199254740992 A B']);
    });

    test('cuts microseconds to milliseconds', () => {
      const log = [0, 999, 1000, 1565647204351999, 1565647204352000, 2 ** 53 - 1, 2 ** 53];
      const times = [0, 0, 1, 1565647204351, 1565647204352, 9007199254740, 9007199254740];
      for (const before of ['', '1 A B\n']) {
        const lines = before + log.map((time) => `${time} A B\n`).join('');
        assert.deepEqual(
          told(lines, 'us').slice(before === '' ? 0 : 1),
          times.map((time) => `${time} A B`),
        );
      }
    });

    test('takes seconds for as long as their milliseconds are exact', () => {
      assert.deepEqual(told('0 A B\n1565647204 A B\n9007199254740 A B\n', 's'), [
        '0 A B',
        '1565647204000 A B',
        '9007199254740000 A B',
      ]);
      for (const number of ['9007199254741', '9007199254740992'])
        assert.deepEqual(decodeAll(opened('s'), Buffer.from(`0 A B\n${number} A B`)).rejects, [
          { reason: 'time', line: 2, offset: 6 },
        ]);
    });

    test('takes blanks around fields, tabs, CRLF and a missing last line end', () => {
      const log = ' 1\tA  B \r\n\t2 \t A B\t\n3 A B\r\n3 A B\r\n4 A B\r';
      assert.deepEqual(told(log), ['1 A B', '2 A B', '3 A B', '3 A B', '4 A B']);
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

    test('counts lines of blanks as blank', () => {
      const { blank, lines, rejects } = decodeAll(opened(), Buffer.from('\n \n\t\r\n\r\n   \t  '));
      assert.deepEqual({ blank, lines, rejects }, { blank: 5, lines: 5, rejects: [] });
    });

    test('takes any host of UTF-8, and minds its case', () => {
      const log = ['constructor', '__proto__', '0', 'a', 'A', 'Zoë', '例え.テスト', '\u{1f600}'];
      const lines = [...log, ...log].map((host) => `1565647204351 ${host} ${host}`);
      assert.deepEqual(told(lines.join('\n')), lines);
    });

    test('names the first thing that is wrong with a line', () => {
      const reasons = {
        'x Aadvik': 'field count',
        'x Aadvik Matina \0': 'field count',
        '1565647204351 Aadvik Matina Matina': 'field count',
        '1565647204351 Aadvik  ': 'field count',
        '1565647204351 \r': 'field count',
        '1565647204351 Aadvik Matina 0': 'field count',
        '1565647204351': 'field count',
        '1565647204351  Matina': 'field count',
        '\0': 'field count',
        '\r\r': 'field count',
        'x \0 Matina': 'time',
        '-1 Aadvik Matina': 'time',
        '+1565647204351 Aadvik Matina': 'time',
        '1565647204351.0 Aadvik Matina': 'time',
        '1565647204351. Aadvik Matina': 'time',
        '1e3 Aadvik Matina': 'time',
        '0x10 Aadvik Matina': 'time',
        '1565647204351Z Aadvik Matina': 'time',
        '١565647204351 Aadvik Matina': 'time',
        '\ufeff1565647204351 Aadvik Matina': 'time',
        '1565647204351\0 Aadvik Matina': 'time',
        '1565647204351 Aadvik\0 Matina': 'host',
        '1565647204351 Aadvik Matina\0': 'host',
        '1565647204351 Aadvik Matina\r\r': 'host',
        '1565647204351 Aadvik\r Matina': 'host',
        '1565647204351 Aadvik\v Matina': 'host',
        '1565647204351 Aadvik Matina\x7f': 'host',
        '1565647204351 \x1b[1m Matina': 'host',
      };
      for (const [line, reason] of Object.entries(reasons))
        assert.deepEqual(reasonsOf(line), [reason], JSON.stringify(line));
    });

    test('rejects hosts that are not UTF-8, and those with a control character first', () => {
      const latin1 = (line: string) => reasonsOf(Buffer.from(line, 'latin1'));
      assert.deepEqual(latin1('1565647204351 Zo\xeb Matina'), ['encoding']);
      assert.deepEqual(latin1('1565647204351 Aadvik \xc0\x80'), ['encoding']);
      assert.deepEqual(latin1('1565647204351 \xed\xa0\x80 Matina'), ['encoding']);
      assert.deepEqual(latin1('1565647204351 Aadvik Matina\xe4\xb8'), ['encoding']);
      assert.deepEqual(latin1('1565647204351 Zo\xeb Mat\0ina'), ['host']);
      // Two halves of one character are not two hosts.
      assert.deepEqual(latin1('1565647204351 \xc3 \xab'), ['encoding']);
    });

    test('tells hosts apart of which one begins the other, of any length', () => {
      const all = Array.from({ length: 40 }, (_, i) => 'A'.repeat(i + 1));
      const known = [...all, ...all.toReversed(), ...all].map(
        (name, i) => `1565647204351 ${name} ${all[(i * 7) % all.length]}`,
      );
      assert.deepEqual(told(known.join('\n')), known);
    });

    test('tells hosts apart that differ in one letter', () => {
      for (const length of [7, 8, 15, 16, 24, 30]) {
        const all = Array.from(
          { length },
          (_, i) => `${'A'.repeat(i)}B${'A'.repeat(length - 1 - i)}`,
        );
        const known = [...all, ...all].map((name, i) => `15 ${name} ${all[(i * 3) % length]}`);
        assert.deepEqual(told(known.join('\n')), known);
      }
    });

    test('tells thousands of hosts apart', () => {
      for (const domain of ['', 'one-domain-of-them-all.']) {
        const lines = Array.from(
          { length: 20_000 },
          (_, i) => `15656472 ${domain}${10_000 + (i % 9000)} ${domain}${i % 7000}`,
        );
        assert.deepEqual(told(lines.join('\n')), lines);
      }
    });

    test('takes no host for known because somebody asked for it', () => {
      const decoder = opened();
      decodeAll(decoder, Buffer.from('1 A B\n1 C D\n')); // whose ids are not those of the next batch
      const batch = new EventBatch();
      const asked = ['B C', 'A\tB', 'B\r', 'C\0'].map((host) => Buffer.from(host));
      for (const host of asked) batch.names.add(host, 0, host.length);
      const log = Buffer.from('1 A B\n1 A B C\n1 A\tB C\n1 A B\r\n1 A C\0\n');
      const bytes = Buffer.concat([log, Buffer.alloc(64)]);
      const place = { end: log.length, ended: true, offset: 0, line: 1, blank: 0 };
      const chunk = { bytes: new Uint8Array(bytes), ...place };
      const reasons: string[] = [];
      decoder.decode(chunk, 0, log.length, batch, (reason) => reasons.push(reason));
      assert.deepEqual(reasons, ['field count', 'field count', 'host']);
      assert.deepEqual(
        [...batch.object.subarray(0, batch.length)].map((id) => batch.names.nameOf(id)),
        ['B', 'B'],
      );
    });

    test('numbers hosts as the batch does, also those that it knew before', () => {
      const decoder = opened();
      const batch = new EventBatch();
      for (const host of ['D', 'A']) batch.names.add(Buffer.from(host), 0, 1);
      const log = Buffer.from('1 B A\n1 A C\n1 C D\n1 E A\n1 B E\n');
      const bytes = decoder.room?.(log.length + 256) ?? new Uint8Array(log.length + 256);
      bytes.set(log);
      const chunk = { bytes, end: log.length, ended: true, offset: 0, line: 1, blank: 0 };
      for (const line of [1, 6]) {
        chunk.line = line;
        decoder.decode(chunk, 0, log.length, batch, () => assert.fail());
      }
      const namesOf = (ids: Uint32Array) =>
        [...ids.subarray(0, batch.length)].map((id) => batch.names.nameOf(id)).join('');
      assert.equal(namesOf(batch.subject), 'BACEBBACEB');
      assert.equal(namesOf(batch.object), 'ACDAEACDAE');
    });

    test('rejects a file of NULs as one line', () => {
      const nothing = { events: [], blank: 0, lines: 1 };
      for (const [bytes, reason] of [
        [5000, 'field count'],
        [MAX_RECORD_BYTES + 1, 'too long'],
      ] as const) {
        assert.deepEqual(decodeAll(opened(), Buffer.alloc(bytes)), {
          ...nothing,
          rejects: [{ reason, line: 1, offset: 0 }],
        });
      }
    });

    test('reads lines of up to 1 MiB, line end not counted, and rejects longer ones', () => {
      const line = (length: number) => `15 ${'A'.repeat(length - 5)} B`;
      const longest = line(MAX_RECORD_BYTES);
      const log = [
        longest,
        `${longest}\r`,
        line(MAX_RECORD_BYTES + 1),
        longest,
        line(5000),
        line(5000),
      ];
      const { events, rejects } = decodeAll(opened(), Buffer.from(log.join('\n')), { lines: 1 });
      assert.deepEqual(
        events.map((event) => [event.line, event.name.length]),
        [1, 2, 4, 5, 6].map((n) => [n, (n < 5 ? MAX_RECORD_BYTES : 5000) - 5]),
      );
      assert.deepEqual(rejects, [
        { reason: 'too long', line: 3, offset: 2 * MAX_RECORD_BYTES + 3 },
      ]);
    });

    test('rejects a line over 1 MiB of hosts that are known', () => {
      const host = 'A'.repeat(MAX_RECORD_BYTES / 2);
      const log = [`1 ${host} B`, `1 ${host} ${host}`, `1 B ${host}`, `${'0'.repeat(2 ** 20)} B B`];
      const { events, rejects } = decodeAll(opened(), Buffer.from(log.join('\n')), { lines: 1 });
      assert.deepEqual(
        [events.map(({ line }) => line), rejects.map(({ reason }) => reason)],
        [
          [1, 3],
          ['too long', 'too long'],
        ],
      );
    });

    test('reads hosts around the length that is usual', () => {
      const log = [4094, 4095, 4096, 4097, 4098].flatMap((length) => {
        const line = `1565647204351 ${'A'.repeat(length)} ${'B'.repeat(length)}`;
        return [line, line];
      });
      assert.deepEqual(told(log.join('\n')), log);
    });
  });
