import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { DaybookError } from '../../src/core/errors.ts';
import { StreamReader } from '../../src/sources/stream-reader.ts';

const TEXT = Buffer.from('14:02:03 ALICE99 Start\n'.repeat(20));
const INPUT = {
  name: 'feed',
  source: 'fake',
  encoding: 'unknown',
  splittable: false,
  replayable: false,
} as const;

describe('StreamReader', () => {
  test('knows how a stream is compressed, however its bytes come', async () => {
    for (const stored of [TEXT, gzipSync(TEXT), zstdCompressSync(TEXT)]) {
      for (const size of [1, 3, 1000]) {
        const reader = new StreamReader(INPUT, () => Readable.from(piecesOf(stored, size)));
        assert.deepEqual(await read(reader, 7), TEXT);
        assert.equal(reader.consumedBytes, stored.length);
        reader.close();
      }
    }
  });

  test('reads streams that are too short to be compressed', async () => {
    for (const text of ['', 'a', '\x1f', '\x1f\x8b', '(', '(µ/'].map((t) =>
      Buffer.from(t, 'latin1'),
    )) {
      const reader = new StreamReader(INPUT, () => Readable.from(piecesOf(text, 1)));
      assert.deepEqual(await read(reader, 100), text);
    }
  });

  test('opens its stream when it is first read', async () => {
    let opened = 0;
    const reader = new StreamReader(INPUT, () => {
      opened++;
      return Readable.from([TEXT]);
    });
    assert.equal(opened, 0);
    await read(reader, 100);
    assert.equal(opened, 1);
  });

  test('names the input when its stream fails, at any time', async () => {
    for (const stored of [TEXT, gzipSync(TEXT), zstdCompressSync(TEXT)]) {
      for (const sound of [0, 2, stored.length - 10, stored.length]) {
        const failing = async function* () {
          yield* piecesOf(stored.subarray(0, sound), 5);
          throw new Error('wire cut');
        };
        const reader = new StreamReader(INPUT, () => Readable.from(failing()));
        await assert.rejects(read(reader, 1000), (error) => {
          assert.ok(error instanceof DaybookError && error.code === 'SOURCE_UNREADABLE');
          assert.equal(error.message, 'cannot read feed: wire cut');
          return true;
        });
      }
    }
  });
});

async function read(reader: StreamReader, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (;;) {
    const into = new Uint8Array(size);
    const length = await reader.read(into);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(Buffer.from(into.subarray(0, length)));
  }
}

function* piecesOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
