import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { csv } from '../../src/writers/csv.ts';
import { HOSTILE_TEXTS, rendered } from '../support/tables.ts';

const TEXTS = [
  { name: 'a', kind: 'text' },
  { name: 'b', kind: 'text' },
] as const;

describe('csv', () => {
  test('writes a header, and lines that end in CR LF', async () => {
    assert.equal(await rendered(csv, {}), 'name,sessions\r\nALICE99,4\r\n');
  });

  test('writes the header alone for no rows, in however many portions they come', async () => {
    assert.equal(await rendered(csv, { rows: [] }), 'name,sessions\r\n');
    assert.equal(await rendered(csv, { rows: [[], []] }), 'name,sessions\r\n');
  });

  test('reads back as it was, whatever is in the cells', async () => {
    const cell = fc.oneof(fc.constantFrom(...HOSTILE_TEXTS), fc.string({ unit: 'binary' }));
    const portions = fc.array(fc.array(fc.tuple(cell, cell), { maxLength: 4 }), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(portions, async (rows) => {
        const text = await rendered(csv, { columns: TEXTS, rows });
        assert.deepEqual(parsed(text), [['a', 'b'], ...rows.flat()]);
      }),
      { numRuns: 300 },
    );
  });

  test('quotes only what needs it', async () => {
    const rows = [
      [
        ['plain text', "it's"],
        [' a ', '=1+1'],
        ['a,b', 'say "hi"'],
        ['a\nb', 'a\rb'],
      ],
    ];
    assert.equal(
      await rendered(csv, { columns: TEXTS, rows }),
      'a,b\r\nplain text,it\'s\r\n a ,=1+1\r\n"a,b","say ""hi"""\r\n"a\nb","a\rb"\r\n',
    );
  });

  test('writes every kind of cell with all its digits', async () => {
    const columns = (['text', 'integer', 'decimal', 'seconds', 'instant', 'clock'] as const).map(
      (kind) => ({ name: kind, kind }),
    );
    const rows = [
      [
        ['constructor', 2n ** 64n + 1n, '12345678901234567890.10', -1n, 0, 50_523_000],
        [null, null, null, null, null, null],
      ],
    ];
    assert.equal(
      await rendered(csv, { columns, rows }),
      'text,integer,decimal,seconds,instant,clock\r\nconstructor,18446744073709551617,12345678901234567890.10,-0.001,1970-01-01T00:00:00Z,14:02:03\r\n,,,,,\r\n',
    );
  });

  test('leaves text as it is unless it is for a spreadsheet', async () => {
    const rows = [HOSTILE_TEXTS.map((text) => [text, 'x'])];
    const plain = parsed(await rendered(csv, { columns: TEXTS, rows }));
    const safe = parsed(await rendered(csv, { columns: TEXTS, rows }, { spreadsheetSafe: true }));
    for (const [i, text] of HOSTILE_TEXTS.entries()) {
      assert.equal(plain[i + 1]![0], text);
      const shown = safe[i + 1]![0]!;
      assert.doesNotMatch(shown, /^[=+\-@\t\r]/);
      assert.equal(shown, /^[=+\-@\t\r]/.test(text) ? `'${text}` : text);
    }
  });

  test('leaves numbers numbers in a spreadsheet', async () => {
    const columns = [
      { name: 'a', kind: 'integer' },
      { name: 'b', kind: 'seconds' },
    ] as const;
    const text = await rendered(csv, { columns, rows: [[[-5, -1500]]] }, { spreadsheetSafe: true });
    assert.equal(text, 'a,b\r\n-5,-1.5\r\n');
  });
});

/** The rows of a CSV text, by the grammar of RFC 4180. */
function parsed(text: string): string[][] {
  const rows: string[][] = [];
  const row: string[] = [];
  for (let at = 0; at < text.length; ) {
    let cell = '';
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else {
      for (; at < text.length && !',"\r\n'.includes(text[at]!); at++) cell += text[at];
    }
    row.push(cell);
    if (text[at] !== ',') {
      assert.equal(text.slice(at, at + 2), '\r\n', 'a cell ends at a comma or a line end');
      rows.push(row.splice(0));
      at++;
    }
    at++;
  }
  assert.deepEqual(row, []);
  return rows;
}
