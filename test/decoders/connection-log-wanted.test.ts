import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Decoder } from '../../src/core/decoder.ts';
import { connectionLogs, connections, hosts, lettered, wrong } from '../support/connection-logs.ts';
import { damaged, decodeAll } from '../support/decoder-suite.ts';
import { referenceConnectionLog } from '../support/reference-connection-log.ts';

const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);

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

for (const [way, kind] of Object.entries(connectionLogs))
  describe(way, () => {
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
  });
