import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { didYouMean } from '../../src/config/did-you-mean.ts';

describe('didYouMean', () => {
  for (const [word, meant] of [
    ['path', 'paths'],
    ['fromat', 'format'],
    ['Format', 'format'],
    ['time-unit', 'time_unit'],
    ['timeunit', 'time_unit'],
    ['pth', 'path'],
  ] as const) {
    test(`asks for ${meant} where ${word} stands`, () => {
      const known = ['paths', 'format', 'time_unit', ...(word === 'pth' ? ['path'] : [])];
      assert.equal(didYouMean(word, known), `; did you mean "${meant}"?`);
    });
  }

  test('asks nothing where no word is near', () => {
    for (const word of ['', 'x', 'pa', 'colour', 'paths'.repeat(100_000)])
      assert.equal(didYouMean(word, ['paths', 'format', 'y']), '');
  });
});
