import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mayHave, packHosts } from '../../src/stores/chunk-hosts.ts';
import { listOf } from '../support/commits.ts';

describe('hosts of a chunk', () => {
  test('are those of its events, and no others as long as these are few', () => {
    const hosts = fc.array(fc.tuple(fc.nat(9000), fc.nat(9000)), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(hosts, fc.nat(60), fc.nat(60), (pairs, a, b) => {
        const [from, to] = [
          Math.min(a, b, pairs.length - 1),
          Math.min(Math.max(a, b) + 1, pairs.length),
        ];
        const list = listOf(
          ['object'],
          pairs.map((_, time) => ({ time, subject: 'x', object: 'y' })),
        );
        for (const [i, [subject, object]] of pairs.entries()) {
          list.columns.subject[i] = subject;
          list.columns.object[i] = object;
        }
        const packed = packHosts(list, from, to);
        const within = new Set(pairs.slice(from, to).flat());
        const bits = new Set([...within].map((number) => number % 8192));
        for (let number = 0; number <= 9000; number++)
          assert.equal(mayHave(packed, [number]), bits.has(number % 8192));
        assert.ok(mayHave(packed, [9001, ...within]));
        assert.ok(!mayHave(packed, []));
        assert.ok(packed.length <= 1024);
      }),
      { numRuns: 50 },
    );
  });
});
