import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DESIGNED, wrongWith } from '../support/configuration.ts';

/** How many random texts are read: more in the long form. */
const RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 2000) / 4;

describe('a configuration that is wrong', () => {
  for (const [text, ...said] of [
    ['a: 1\na: 2', '2:1: the key "a" stands here twice'],
    ['__proto__: { x: 1 }', '1:1: unknown key "__proto__"'],
    ['sources: { __proto__: 3 }', '1:12: sources: unknown key "__proto__"'],
    ['? [a]\n: b', '1:3: expected a word as key'],
    ['- a', '1:1: expected keys and values'],
    ['store: 3', '1:8: store: expected keys and values'],
    ['store: *nobody', '1:1: store: there is no anchor &nobody above'],
    ['store: !odd {}', '1:8: Unresolved tag: !odd'],
    ['a: 1\n---\nb: 2', '2:1: a second document'],
    ['sources: { a: ${A} }', '1:16: write "${…}" in quotes here'],
    ['store:\n\tpath: a', '2:1: Tabs are not allowed as indentation'],
    ['store: "', '1:9: Missing closing "quote'],
    [
      `a: ${'['.repeat(100)}${']'.repeat(100)}`,
      '1:1: unknown key "a"',
      `1:36: a${'[0]'.repeat(32)}: this is nested too deeply`,
    ],
    [`a: [${'1,'.repeat(100_000)}]`, '1:200001: a[99998]: this is too much'],
  ] as const) {
    test(`says so of ${JSON.stringify(text.slice(0, 30))}`, async () => {
      assert.deepEqual(await wrongWith(text), said);
    });
  }

  test('does not grow by aliases of aliases', async () => {
    const letters = [...'abcdefghij'];
    const lines = letters.map((it, i) => `${it}: &${it} [${`*${letters[i - 1]},`.repeat(i && 9)}]`);
    const wrong = await wrongWith(lines.join('\n'));
    assert.match(wrong.join('\n'), /there are too many aliases/);
    assert.deepEqual(await wrongWith('a: &a [*a]'), [
      '1:1: unknown key "a"',
      `1:8: a${'[0]'.repeat(32)}: this is nested too deeply`,
    ]);
  });

  test('tells no more than anyone reads', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`);
    const wrong = await wrongWith(keys.join('\n'));
    assert.equal(wrong.length, 51);
    assert.equal(wrong.at(-1), 'and 950 more');
  });

  test('is refused if it is no text of a reasonable size', async () => {
    assert.deepEqual(await wrongWith(Buffer.alloc((1 << 20) + 1, '#')), [' is larger than 1 MiB']);
    assert.deepEqual(await wrongWith(Buffer.alloc(1 << 20, '#')), []);
    assert.deepEqual(await wrongWith(Buffer.from([0xff, 0xfe])), [' is no text in UTF-8']);
  });

  test('never fails in another way, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryText(), async (text) => {
        await wrongWith(text, { A: 'a', B_FILE: '/' });
      }),
      { numRuns: RUNS },
    );
  });
});

/** Texts that are nearly configurations, as often as they are anything. */
function arbitraryText(): fc.Arbitrary<string | Uint8Array> {
  const word = fc.oneof(
    fc.constantFrom(
      ...DESIGNED.match(/[a-z_]+|[^a-z_ ]+/g)!,
      ...[
        '\n',
        '\n  ',
        '\n    - ',
        ': ',
        '- ',
        '&a ',
        '*a',
        '!!str ',
        '|\n',
        '>-\n',
        '"',
        "'",
        '\t',
        '\0',
      ],
      ...[
        '${A}',
        '${B}',
        '${A:-',
        '$${',
        '}',
        '__proto__: ',
        'constructor: ',
        '<<: ',
        '? ',
        '%YAML',
        '---\n',
      ],
    ),
    fc.string({ unit: 'binary' }),
  );
  const words = fc.array(word, { maxLength: 60 }).map((them) => them.join(''));
  const damaged = fc
    .tuple(fc.nat(DESIGNED.length), fc.nat(20), words)
    .map(([at, length, text]) => DESIGNED.slice(0, at) + text + DESIGNED.slice(at + length));
  const values = fc.json().map((text) => text);
  return fc.oneof(words, damaged, values, fc.uint8Array());
}
