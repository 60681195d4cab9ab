import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { ShortTexts } from '../../src/databases/short-texts.ts';

describe('short texts', () => {
  test('are what their bytes say, in whatever order and as often as they come', () => {
    const text = fc.oneof(
      fc.constantFrom('', '1', '2026-03-01', 'é', 'Ã©', '\0', '\0\0', '𝄞'),
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.nat().map(String),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 300 }), (expected) => {
        const texts = new ShortTexts();
        const bytes = Buffer.from(expected.join('|'));
        let at = 0;
        const found = expected.map((one) => {
          const from = at;
          at += Buffer.byteLength(one) + 1;
          return texts.textOf(bytes, from, at - 1);
        });
        assert.deepEqual(found, expected);
      }),
    );
  });

  test('tell nothing from a text whose slot they share', () => {
    const texts = new ShortTexts();
    // With so few slots, each of them has been many texts' by the end.
    for (let i = 0; i < 5000; i++)
      for (const text of [String(i), '', '7'])
        assert.equal(texts.textOf(Buffer.from(text), 0, text.length), text);
  });
});
