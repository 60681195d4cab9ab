import assert from 'node:assert/strict';
import { PassThrough, Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type BodyRoom, readBody } from '../../src/server/posted-body.ts';

class Room implements BodyRoom {
  held = 0;
  readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  hold(bytes: number): boolean {
    if (this.held + bytes > this.most) return false;
    this.held += bytes;
    return true;
  }

  release(bytes: number): void {
    this.held -= bytes;
  }
}

const TEXT = Buffer.from('x'.repeat(1000));
const sent = (bytes: Buffer) => Readable.from([bytes.subarray(0, 9), bytes.subarray(9)]);

describe('the body of a request', () => {
  test('holds room for what it is unpacked until it is disposed of', async () => {
    for (const [bytes, encoding] of [
      [TEXT, 'identity'],
      [gzipSync(TEXT), 'gzip'],
    ] as const) {
      const room = new Room(1000);
      const body = await readBody(sent(bytes), encoding, 1000, room);
      assert.deepEqual([Buffer.from(body.bytes), room.held], [TEXT, 1000]);
      body[Symbol.dispose]();
      assert.equal(room.held, 0);
    }
  });

  test('that is refused holds nothing, and leaves the connection open', async () => {
    for (const [limit, most, status] of [
      [999, 2000, 413],
      [1000, 999, 503],
    ] as const)
      for (const [bytes, encoding] of [
        [TEXT, 'identity'],
        [gzipSync(TEXT), 'gzip'],
      ] as const) {
        const room = new Room(most);
        const request = sent(bytes);
        await assert.rejects(readBody(request, encoding, limit, room), { status });
        assert.deepEqual([room.held, request.destroyed && !request.readableEnded], [0, false]);
      }
  });

  test('that breaks off holds nothing', async () => {
    for (const encoding of ['identity', 'gzip']) {
      const room = new Room(2000);
      const request = new PassThrough();
      const reading = readBody(request, encoding, 2000, room);
      request.write(gzipSync(TEXT).subarray(0, 20));
      request.destroy(new Error('reset'));
      await assert.rejects(reading, { status: 400, message: /reset|lost/ });
      assert.equal(room.held, 0);
    }
  });
});
