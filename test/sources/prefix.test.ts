import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CHECKED_BYTES, HEAD_BYTES, lineEndsIn, Prefix } from '../../src/sources/prefix.ts';

const digestOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const pieces = fc.array(fc.uint8Array({ maxLength: 150 }), { maxLength: 8 });

describe('Prefix', () => {
  test('knows what it took, however that comes', () => {
    fc.assert(
      fc.property(pieces, fc.constantFrom(CHECKED_BYTES, 100, 1000), (taken, keptBytes) => {
        const prefix = new Prefix();
        prefix.keptBytes = keptBytes;
        for (const piece of taken) prefix.take(piece, lineEndsIn(piece));
        const all = Buffer.concat(taken);
        assert.equal(prefix.position, all.length);
        assert.equal(prefix.digest, digestOf(all));
        assert.equal(prefix.lines, all.toString('latin1').split('\n').length - 1);
        assert.equal(prefix.head, all.subarray(0, HEAD_BYTES).toString('hex'));
        assert.equal(prefix.endsLine, all.length === 0 || all.at(-1) === 0x0a);
        assert.deepEqual(prefix.last, all.subarray(-CHECKED_BYTES));
        for (let at = 0; at <= all.length; at++) {
          const digest = prefix.digestAt(at);
          if (at < all.length - keptBytes && digest === undefined) continue;
          assert.equal(digest, digestOf(all.subarray(0, at)));
        }
        assert.equal(prefix.digestAt(all.length + 1), undefined);
      }),
    );
  });

  test('can be copied, and be at rest, at any time', () => {
    fc.assert(
      fc.property(pieces, pieces, (before, after) => {
        const prefix = new Prefix();
        for (const piece of before) prefix.take(piece, 1);
        const copy = prefix.copy();
        prefix.rest();
        for (const piece of after) prefix.take(piece, 1);
        assert.equal(prefix.digest, digestOf(Buffer.concat([...before, ...after])));
        assert.equal(copy.digest, digestOf(Buffer.concat(before)));
        for (const piece of after) copy.take(piece, 1);
        assert.deepEqual(copy.described, prefix.described);
      }),
    );
  });
});
