import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { membersOf } from '../../src/core/json-members.ts';
import { JsonField, textOf } from '../../src/decoders/json-field.ts';

describe('JsonField', () => {
  test('finds a member by its name or the way to it', () => {
    const json = '{"a":{"b":1,"c.d":2},"e.f":3,"e":{"f":4},"g":{"h":null},"n":null,"":{"":5}}';
    const found = {
      'a.b': '1',
      a: '{"b":1,"c.d":2}',
      'e.f': '3',
      'g.h': 'null',
      '.': '5',
      'a.c.d': undefined,
      'n.x': undefined,
      'a.b.c': undefined,
      'x.y': undefined,
      x: undefined,
    };
    for (const [column, source] of Object.entries(found))
      assert.equal(sourceIn(json, column), source, column);
  });

  test('finds nothing that is inherited, or of a text or an array', () => {
    const json = '{"a":"text","b":[7],"c":{}}';
    for (const column of ['constructor', '__proto__', 'toString', 'c.constructor.name', 'a.length'])
      assert.equal(sourceIn(json, column), undefined, column);
    for (const column of ['b.0', 'b.length', 'a.0'])
      assert.equal(sourceIn(json, column), undefined, column);
    assert.equal(sourceIn('{"__proto__":{"constructor":5}}', '__proto__.constructor'), '5');
  });

  test('looks into the last of objects that are called the same', () => {
    assert.equal(sourceIn('{"a":{"b":1},"a":{"b":2,"b":3}}', 'a.b'), '3');
    assert.equal(sourceIn('{"a":{"b":1},"a":{"c":2}}', 'a.b'), undefined);
  });
});

describe('textOf', () => {
  test('is the text of a string or of a number as it is written, of nothing null', () => {
    assert.equal(textOf('"a"'), 'a');
    assert.equal(textOf('"\\u0061\\n\\ud83d\\ude00"'), 'a\n\u{1f600}');
    assert.equal(textOf('""'), '');
    assert.equal(textOf('42.0'), '42.0');
    assert.equal(textOf('-1e400'), '-1e400');
    assert.equal(textOf('null'), null);
    assert.equal(textOf(undefined), null);
  });

  test('is undefined of what is no text', () => {
    for (const source of ['true', 'false', '{}', '[]', '["a"]'])
      assert.equal(textOf(source), undefined);
  });
});

function sourceIn(json: string, column: string): string | undefined {
  return new JsonField(column).sourceIn(membersOf(json));
}
