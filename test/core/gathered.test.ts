import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { gathered } from '../../src/core/gathered.ts';
import type { Piece } from '../../src/core/writer.ts';

const LEAST = 1 << 18;

async function* each(pieces: readonly Piece[]): AsyncGenerator<Piece> {
  yield* pieces;
}

const arbitraryPiece: fc.Arbitrary<Piece> = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), fc.constantFrom(1, 40_000), fc.boolean())
  .map(([text, times, isText]) => {
    const whole = text.repeat(times);
    return isText ? whole : new TextEncoder().encode(whole);
  });

describe('pieces that are gathered', () => {
  test('are the same bytes, each piece but the last worth a write', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryPiece, { maxLength: 12 }), async (pieces) => {
        const found = await Array.fromAsync(gathered(each(pieces)));
        const bytes = pieces.map((piece) => Buffer.from(piece));
        assert.ok(Buffer.concat(found).equals(Buffer.concat(bytes)));
        assert.ok(found.slice(0, -1).every(({ length }) => length >= LEAST));
        assert.ok(found.every(({ length }) => length > 0));
      }),
      { numRuns: 50 },
    );
  });
});
