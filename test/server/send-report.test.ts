import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acceptedType } from '../../src/server/send-report.ts';

describe('the format of an answer', () => {
  test('is what is accepted with the most weight, JSON unless said', () => {
    for (const [accept, type] of [
      [undefined, 'application/json'],
      ['*/*', 'application/json'],
      ['text/*', 'text/csv'],
      ['Text/CSV ; charset=utf-8', 'text/csv'],
      ['application/json;q=0.5, application/x-ndjson; q=0.9', 'application/x-ndjson'],
      ['image/png, */*;q=0.1', 'application/json'],
      ['text/csv;q=0, application/*', 'application/json'],
      [';;q=x, text/csv', 'text/csv'],
    ] as const)
      assert.equal(acceptedType({ headers: { accept } }), type);
    for (const accept of ['image/png', 'text/csv;q=0', 'text/csv;q=x', ''])
      assert.throws(() => acceptedType({ headers: { accept } }), { status: 406 }, accept);
  });

  test('is found soon, however much is said', () => {
    for (const accept of [
      `a${' '.repeat(16_000)}b`,
      ';'.repeat(16_000),
      ','.repeat(16_000),
      'a;'.repeat(8000),
    ]) {
      const begun = performance.now();
      assert.equal(acceptedType({ headers: { accept: `${accept}, text/csv` } }), 'text/csv');
      assert.ok(performance.now() - begun < 100);
    }
  });
});
