import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ForwardBytes } from '../../../src/pipeline/read/forward-bytes.ts';

describe('ForwardBytes', () => {
  test('reads any stretches as they stand in the input', async () => {
    const stretches = fc.array(fc.tuple(fc.nat(9), fc.integer({ min: 1, max: 16 })), {
      maxLength: 12,
    });
    const pieces = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(stretches, pieces, fc.nat(5), async (steps, sizes, start) => {
        const input = Uint8Array.from({ length: 60 }, (_, i) => i);
        let [at, reads] = [start, 0];
        const reader = {
          consumedBytes: 0,
          read(into: Uint8Array) {
            const piece = input.subarray(
              at,
              at + Math.min(into.length, sizes[reads++ % sizes.length]!),
            );
            into.set(piece);
            at += piece.length;
            return piece.length;
          },
          close() {},
        };
        const forward = new ForwardBytes(reader, start, 16);
        let offset = start;
        for (const [step, length] of steps) {
          offset += step;
          const expected = input.subarray(offset, offset + length);
          assert.deepEqual([...(await forward.read(offset, length))], [...expected]);
        }
      }),
    );
  });
});
