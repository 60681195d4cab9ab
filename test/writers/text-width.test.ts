import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cutText, textWidth } from '../../src/writers/text-width.ts';

const FLAG = '\u{1f1eb}\u{1f1ee}';
const FAMILY = '\u{1f469}\u200d\u{1f469}\u200d\u{1f466}';
const ACCENTED = 'e\u0301';

describe('textWidth', () => {
  test('counts the columns that a terminal gives to a text', () => {
    const cases: [text: string, width: number][] = [
      ['', 0],
      ['constructor', 11],
      ['Zoë', 3],
      ['日本', 4],
      [FLAG, 2],
      [FAMILY, 2],
      [ACCENTED, 1],
      ['a\u200bb', 2],
      ['\ufffd', 1],
      ['─', 1],
    ];
    for (const [text, width] of cases) assert.equal(textWidth(text), width, text);
  });
});

describe('cutText', () => {
  test('leaves what fits', () => {
    for (const text of ['', 'Ada', '日本', FLAG])
      assert.equal(cutText(text, textWidth(text)), text);
  });

  test('cuts between characters as a person sees them', () => {
    assert.equal(cutText('日本', 3), '日');
    assert.equal(cutText('日本a', 1), '');
    assert.equal(cutText(`a${FLAG}b`, 2), 'a');
    assert.equal(cutText(`a${FLAG}b`, 3), `a${FLAG}`);
    assert.equal(cutText(`${FAMILY}${FAMILY}`, 3), FAMILY);
    assert.equal(cutText(`${ACCENTED}${ACCENTED}`, 1), ACCENTED);
    assert.equal(cutText('a\u200bb', 1), 'a\u200b');
  });

  test('gives a beginning that is as wide as there is room, whatever the text', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 1 }),
      fc.constantFrom('日', FLAG, FAMILY, ACCENTED, '\u0301', '\u200b', '\ud800'),
    );
    fc.assert(
      fc.property(fc.array(unit), fc.nat(20), (units, columns) => {
        const text = units.join('');
        const cut = cutText(text, columns);
        assert.ok(text.startsWith(cut));
        assert.ok(textWidth(cut) <= columns);
        const [next] = new Intl.Segmenter().segment(text.slice(cut.length));
        if (next) assert.ok(textWidth(cut + next.segment) > columns);
      }),
    );
  });
});
