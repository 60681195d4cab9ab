import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { schemaText } from '../../src/server/schema-text.ts';

describe('schemaText', () => {
  test('says in a few words what a schema takes', () => {
    const text = { type: 'string' };
    for (const [schema, expected] of [
      [{}, 'any'],
      [text, 'string'],
      [{ type: ['string', 'null'] }, 'string | null'],
      [{ enum: ['a', 1] }, '"a" | 1'],
      [{ const: 'a' }, '"a"'],
      [{ anyOf: [text, { type: 'array', items: text }] }, 'string | string[]'],
      [{ type: 'array', items: { anyOf: [text, { type: 'null' }] } }, '(string | null)[]'],
      [{ type: 'object', additionalProperties: text }, '{ [name]: string }'],
      [{ type: 'object' }, 'object'],
    ] as const)
      assert.equal(schemaText(schema), expected);
  });

  test('tells members one a line, with what they are for', () => {
    const name = { type: 'string', description: 'Whose.' };
    const rows = {
      type: 'array',
      items: { type: 'object', properties: { name }, required: ['name'] },
    };
    assert.equal(
      schemaText({ type: 'object', properties: { rows, final: { type: 'boolean' } } }),
      '{\n  rows?: {\n    name: string // Whose.\n  }[]\n  final?: boolean\n}',
    );
  });
});
