import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { TextColumn } from '../../src/core/text-column.ts';

describe('TextColumn', () => {
  test('keeps texts of any bytes and lengths, and again when it was cleared', () => {
    const texts = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 50 });
    const column = new TextColumn();
    fc.assert(
      fc.property(texts, (all) => {
        column.clear();
        assert.equal(column.length, 0);
        for (const text of all) column.append(Buffer.from([7, ...text, 7]), 1, 1 + text.length);
        assert.equal(column.length, all.length);
        for (const [i, text] of all.entries()) assert.deepEqual([...column.bytesOf(i)], [...text]);
      }),
    );
  });

  test('takes many at once as it takes them one by one', () => {
    const some = fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 9 });
    fc.assert(
      fc.property(fc.array(some), (portions) => {
        const column = new TextColumn();
        for (const texts of portions) {
          let end = 0;
          const ends = texts.map((text) => (end += text.length));
          column.appendAll(Buffer.concat([...texts, Buffer.from('more')]), Uint32Array.from(ends));
        }
        const all = portions.flat();
        assert.equal(column.length, all.length);
        for (const [i, text] of all.entries()) assert.deepEqual([...column.bytesOf(i)], [...text]);
      }),
    );
  });

  test('takes more texts than a batch has events, and long ones', () => {
    const column = new TextColumn();
    const long = Buffer.alloc(1 << 20, 'x');
    column.append(long, 0, long.length);
    for (let i = 0; i < 10_000; i++) {
      const text = Buffer.from(`${i}`);
      column.append(text, 0, text.length);
    }
    assert.equal(column.bytesOf(0).length, long.length);
    assert.equal(Buffer.from(column.bytesOf(10_000)).toString(), '9999');
  });
});
