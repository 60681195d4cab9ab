import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ByteReader } from '../../../src/core/source.ts';
import { ContentHash, HashedBytes } from '../../../src/pipeline/read/content-hash.ts';

describe('the hash of a content', () => {
  test('is that of its bytes, however often some of them come', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.tuple(fc.nat(100), fc.nat(100))), (bytes, some) => {
        const hash = new ContentHash();
        for (const [from, to] of some)
          if (from <= hash.position) hash.take(bytes.subarray(from, to), from);
        const { position } = hash;
        assert.equal(hash.digest, sha256(bytes.subarray(0, position)));
        const copy = hash.copy();
        copy.take(bytes.subarray(position), position);
        assert.deepEqual([copy.position, copy.digest], [bytes.length, sha256(bytes)]);
        assert.equal(hash.position, position, 'a copy goes on by itself');
      }),
    );
  });

  test('has no gaps', () => {
    assert.throws(() => new ContentHash().take(Buffer.from('b'), 1), /bytes are missing/);
  });

  test('is taken up to a position, if there are so many bytes', async () => {
    const bytes = Buffer.from('0123456789');
    const read = new HashedBytes(pieces(bytes, 3));
    const hash = new ContentHash();
    assert.ok(await read.take(hash, 0));
    assert.ok(await read.take(hash, 7));
    assert.equal(hash.digest, sha256(bytes.subarray(0, 7)));
    assert.equal(await read.isAtEnd(), false);
    assert.ok(await read.take(hash, 10));
    assert.equal(await read.isAtEnd(), true);
    assert.equal(await read.take(hash, 11), false);
    assert.equal(hash.digest, sha256(bytes));
  });

  test('stops at a signal', async () => {
    const read = new HashedBytes(pieces(Buffer.from('0123'), 1), AbortSignal.abort());
    await assert.rejects(read.take(new ContentHash(), 4), { code: 'INTERRUPTED' });
  });
});

/** Reads so many bytes at a time. */
function pieces(bytes: Uint8Array, length: number): ByteReader {
  let at = 0;
  return {
    consumedBytes: 0,
    async read(into) {
      const piece = bytes.subarray(at, at + length);
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
    close() {},
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
