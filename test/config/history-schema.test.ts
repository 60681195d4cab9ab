import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historySchema } from '../../src/config/history-schema.ts';

describe('where runs are entered', () => {
  test('is a table of any name that is one line', () => {
    const of = (table: string) =>
      historySchema.safeParse({ type: 'postgres', database: 'd', table }).success;
    assert.ok(of('odd "one".Rünß; --'));
    for (const table of ['', 'a\nb', 'a\rb', 'a\0b', 'a\u0085b']) assert.ok(!of(table), table);
  });
});
