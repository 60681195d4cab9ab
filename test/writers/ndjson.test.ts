import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ndjson } from '../../src/writers/ndjson.ts';
import { HOSTILE_TEXTS, rendered } from '../support/tables.ts';

describe('ndjson', () => {
  test('writes the rows alone, an object a line', async () => {
    const rows = [[['ALICE99', 4]], [], [['constructor', null]]];
    assert.equal(
      await rendered(ndjson, { rows, total: ['total', 4] }),
      '{"name":"ALICE99","sessions":4}\n{"name":"constructor","sessions":null}\n',
    );
  });

  test('writes nothing for no rows', async () => {
    assert.equal(await rendered(ndjson, { rows: [[], []] }), '');
  });

  test('keeps to a line a row, whatever is in the cells', async () => {
    const rows = [HOSTILE_TEXTS.map((name) => [name, 2n ** 53n + 1n])];
    const lines = (await rendered(ndjson, { rows })).split(/[\r\n]/);
    assert.equal(lines.pop(), '');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).name),
      HOSTILE_TEXTS,
    );
    assert.ok(lines.every((line) => line.endsWith('"sessions":9007199254740993}')));
  });
});
