import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HeadIndex } from '../../src/sources/head-index.ts';
import { HEAD_BYTES } from '../../src/sources/prefix.ts';

/** Heads that often begin alike; whole ones among them. */
const head = fc
  .array(fc.constantFrom('00', '01'), { maxLength: 4 })
  .chain((bytes) =>
    fc.constantFrom(bytes, [...bytes, ...Array(HEAD_BYTES - bytes.length).fill('02')]),
  )
  .map((bytes) => bytes.join(''));

describe('HeadIndex', () => {
  test('finds what begins alike, whatever is added and deleted', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(head, fc.boolean())), head, (entries, sought) => {
        const index = new HeadIndex<number>();
        const kept = new Map<number, string>();
        for (const [i, [text, staysIn]] of entries.entries()) {
          index.add(text, i);
          kept.set(i, text);
          const oldest = [...kept][0];
          if (staysIn || !oldest) continue;
          index.delete(oldest[1], oldest[0]);
          kept.delete(oldest[0]);
        }
        const alike = [...kept]
          .filter(([, text]) => text.startsWith(sought) || sought.startsWith(text))
          .map(([i]) => i);
        assert.deepEqual(index.alike(sought).toSorted(byNumber), alike.toSorted(byNumber));
      }),
    );
  });
});

function byNumber(a: number, b: number): number {
  return a - b;
}
