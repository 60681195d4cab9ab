import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { elementsOf, membersOf } from '../../src/core/json-members.ts';

/** Names that lead astray who looks for quotes, braces or prototypes carelessly. */
const names = fc.constantFrom(
  ...['a', 'b', 'a.b', 'é', '\u{1f600}', '"', '\\', '\\"', '{', ']', ':', ',', ' ', '', '0', '\n'],
  ...['constructor', '__proto__', 'toString', 'length', '},"a":', '\ud800'],
);
const scalars = fc.oneof(names, fc.string(), fc.double(), fc.boolean(), fc.constant(null));
const { object: objects } = fc.letrec<{ object: object; value: unknown }>((tie) => ({
  object: fc.array(fc.tuple(names, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
  value: fc.oneof({ depthSize: 'small' }, scalars, fc.array(tie('value')), tie('object')),
}));
const indents = fc.constantFrom('', ' ', '\t', ' \t\r');

describe('membersOf', () => {
  test('finds every member as it is written, whatever is in it and around it', () => {
    fc.assert(
      fc.property(objects, indents, (object, indent) => {
        const json = (value: unknown) => JSON.stringify(value, undefined, indent);
        const members = membersOf(` ${json(object)}\r`);
        const expected = Object.entries(object).map(([name, value]) => {
          return [name, json(value).replaceAll('\n', `\n${indent}`)];
        });
        assert.deepEqual([...members], expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('keeps numbers as they are written', () => {
    const numbers = ['0', '-0', '1.50', '1e400', '-1E-7', '123456789012345678901234567890', '42.0'];
    for (const number of numbers) {
      assert.equal(membersOf(`{"x":[1,{"a":2}],"a":${number}}`).get('a'), number);
      assert.equal(membersOf(`{ "a" : ${number} , "b" : ${number} }`).get('a'), number);
    }
  });

  test('takes the last of members that are called the same, however that is written', () => {
    assert.deepEqual([...membersOf('{"a":1,"a":2}')], [['a', '2']]);
    assert.deepEqual([...membersOf('{"a":1,"\\u0061":2}')], [['a', '2']]);
  });

  test('takes no name for another that was read before', () => {
    JSON.parse('{"a":1,"\\\\":2}'); // V8 14.6 would call the next such member a backslash
    assert.deepEqual([...membersOf('{"a":1,"\\n":2}').keys()], ['a', '\n']);
  });

  test('does not mind how deep or how long other values are', () => {
    const depth = 300_000;
    for (const hostile of [
      '['.repeat(depth) + ']'.repeat(depth),
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      `"${'\\\\'.repeat(depth)}"`,
      `"${'\\"'.repeat(depth)}"`,
    ]) {
      const members = membersOf(`{"b":${hostile},"a":1.0,"c":${hostile}}`);
      assert.deepEqual([members.get('a'), members.get('b') === hostile], ['1.0', true]);
      assert.equal(members.size, 3);
    }
  });
});

describe('elementsOf', () => {
  test('finds every element as it is written, whatever is in it and around it', () => {
    const arrays = fc.array(fc.oneof(scalars, objects, fc.array(fc.oneof(scalars, objects))));
    fc.assert(
      fc.property(arrays, indents, (array, indent) => {
        const json = (value: unknown) => JSON.stringify(value, undefined, indent);
        const expected = array.map((value) => json(value).replaceAll('\n', `\n${indent}`));
        assert.deepEqual(elementsOf(` ${json(array)}\r`), expected);
      }),
      { numRuns: 1000 },
    );
    assert.deepEqual(elementsOf('[ 1.50 ,"a,]" , [ ] ]'), ['1.50', '"a,]"', '[ ]']);
  });
});
