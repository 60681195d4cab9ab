import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventBatch } from '../../src/core/event-batch.ts';
import {
  connectionLogs,
  connections,
  UNITS,
  type Unit,
  wrong,
} from '../support/connection-logs.ts';
import { decodeAll, decoderSuite } from '../support/decoder-suite.ts';

for (const [way, kind] of Object.entries(connectionLogs))
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

    test('reads hosts around the length that is usual', () => {
      const log = [4094, 4095, 4096, 4097, 4098].flatMap((length) => {
        const line = `1565647204351 ${'A'.repeat(length)} ${'B'.repeat(length)}`;
        return [line, line];
      });
      assert.deepEqual(told(log.join('\n')), log);
    });
  });
