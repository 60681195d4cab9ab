import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { connectionLogs } from '../support/connection-logs.ts';
import { decodeAll } from '../support/decoder-suite.ts';

for (const [way, kind] of Object.entries(connectionLogs))
  describe(way, () => {
    const opened = () => kind.open({ timeUnit: 'ms' });

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
  });
