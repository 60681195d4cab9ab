import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ByteReader } from '../../../src/core/source.ts';
import { PutAside } from '../../../src/pipeline/read/put-aside.ts';

describe('PutAside', () => {
  test('gives back what was put aside of each input, read in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        async (contents, pieceBytes) => {
          const aside = new PutAside();
          const readers: ByteReader[] = [];
          for (const bytes of contents) readers.push(await aside.take(readerOf(bytes, 30)));
          for (const [i, reader] of readers.entries())
            assert.deepEqual(await restOf(reader, pieceBytes), Buffer.from(contents[i]!));
          aside.close();
        },
      ),
    );
  });

  test('says what to do where there is no room', async () => {
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(tmpdir(), 'daybook-no-such-folder');
    try {
      const nothing = await new PutAside().take(readerOf(new Uint8Array(0), 1));
      assert.equal(await nothing.read(new Uint8Array(1)), 0);
      const taken = new PutAside().take(readerOf(new Uint8Array(1), 1));
      await assert.rejects(taken, {
        code: 'SPILL_FAILED',
        message: /daybook-no-such-folder .*ENOENT.*set TMPDIR/,
      });
    } finally {
      if (temporary === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = temporary;
    }
  });
});

/** Reads bytes, so many at a time. */
function readerOf(bytes: Uint8Array, pieceBytes: number): (into: Uint8Array) => Promise<number> {
  let at = 0;
  return async (into) => {
    const piece = bytes.subarray(at, at + Math.min(pieceBytes, into.length));
    into.set(piece);
    at += piece.length;
    return piece.length;
  };
}

async function restOf(reader: ByteReader, pieceBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const into = new Uint8Array(pieceBytes);
  for (let count = await reader.read(into); count > 0; count = await reader.read(into))
    pieces.push(Buffer.from(into.subarray(0, count)));
  return Buffer.concat(pieces);
}
