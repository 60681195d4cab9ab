import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { JsonPath, scalarText } from '../../src/core/json-path.ts';

describe('a JSON path', () => {
  const data =
    '{"a":{"b":1.50},"list":[{"x":"é"}, [2e3]],"a b":"c","it\'s":{"\\"":0},"n":null,"b-1":-0,"a":{"b":1.70}}';

  for (const [path, found] of [
    ['$.a.b', '1.70'],
    ["$['a']['b']", '1.70'],
    ['$["a"].b', '1.70'],
    ['$.list[0].x', '"é"'],
    ['$.list[1][0]', '2e3'],
    ["$['a b']", '"c"'],
    [`$['it\\'s']["\\""]`, '0'],
    ['$.n', 'null'],
    ['$.b-1', '-0'],
    ['$.list[2]', undefined],
    ['$.list.x', undefined],
    ['$.a[0]', undefined],
    ['$.a.b.c', undefined],
    ['$.constructor', undefined],
    ['$.__proto__.toString', undefined],
    ['$.a.length', undefined],
  ] as const) {
    test(`${path} finds ${found ?? 'nothing'}`, () => {
      assert.equal(new JsonPath(path).find(data), found);
    });
  }

  test('finds members that are called as those of every object', () => {
    const path = new JsonPath('$.__proto__.constructor');
    assert.equal(path.find('{"__proto__":{"constructor":7}}'), '7');
  });

  test('is all there is, of values that have no members', () => {
    assert.equal(new JsonPath('$').find('12.0'), '12.0');
    for (const data of ['12', '"{}"', 'null', '[]', 'true'])
      assert.equal(new JsonPath('$.a').find(data), undefined);
  });

  for (const path of [
    '',
    'a',
    '.a',
    '$a',
    '$.',
    '$..a',
    '$.*',
    '$[*]',
    '$[-1]',
    '$[a]',
    "$['a",
    '$.a ',
    '$.a[?(@)]',
  ])
    test(`is not ${JSON.stringify(path)}`, () => {
      assert.throws(() => new JsonPath(path), DaybookError);
    });
});

describe('the text of a scalar', () => {
  test('is what a string says, and how others are written', () => {
    const texts = ['"a"', '"\\u00e9\\n"', '1.50', 'true', 'null', '{}', '[1]', undefined].map(
      scalarText,
    );
    const none = undefined;
    assert.deepEqual(texts, ['a', 'é\n', '1.50', 'true', none, none, none, none]);
  });
});
