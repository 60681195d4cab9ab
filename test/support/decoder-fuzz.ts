import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Decoder } from '../../src/core/decoder.ts';
import { damaged, decodeAll } from './decoder-suite.ts';

/** What to try a decoder with. */
export interface Fuzz {
  /** Lines, right and wrong, without their ends. */
  readonly lines: fc.Arbitrary<string>;
  /** What may stand behind the bytes that are to be decoded. */
  readonly behind: readonly string[];
  readonly runs: number;
}

/** Checks that a decoder reads of whole and damaged logs what a reference reads, however they are handed to it. */
export function readsAsReference(
  { lines, behind, runs }: Fuzz,
  opened: () => Decoder,
  reference: (log: Uint8Array) => unknown,
): void {
  const logs = fc
    .tuple(fc.array(lines, { maxLength: 8 }), fc.boolean())
    .map(([all, lastEnd]) => Buffer.from(all.join('\n') + (lastEnd ? '\n' : '')));
  const inputs = fc.oneof({ arbitrary: logs, weight: 1 }, { arbitrary: damaged(logs), weight: 2 });
  const handings = fc.record({
    lines: fc.constantFrom(1, 2, 100),
    room: fc.constantFrom(1, 3, 100),
    behind: fc.constantFrom(...['', ...behind].map((text) => Buffer.from(text))),
  });
  fc.assert(
    fc.property(inputs, handings, (log, handing) => {
      assert.deepEqual(decodeAll(opened(), log, handing), reference(log));
    }),
    { numRuns: Math.ceil(runs) },
  );
}
