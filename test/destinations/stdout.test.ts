import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { stdout } from '../../src/destinations/stdout.ts';

describe('stdout', () => {
  test('writes all pieces in order', async () => {
    const stream = memory();
    await stdout(stream).write(piecesOf('a\n', '', 'Zoë\n'));
    assert.equal(stream.text(), 'a\nZoë\n');
  });

  test('stays open for more', async () => {
    const stream = memory();
    for (let i = 0; i < 3; i++) await stdout(stream).write(piecesOf('a\n'));
    assert.equal(stream.text(), 'a\n'.repeat(3));
    assert.ok(stream.writable);
  });

  test('leaves nothing behind at the stream', async () => {
    const stream = memory();
    for (let i = 0; i < 12; i++) await stdout(stream).write(piecesOf('a\n'));
    // From 11 on, Node.js warns of a leak.
    assert.ok(stream.listenerCount('error') <= 1, `${stream.listenerCount('error')} listeners`);
  });

  test('makes a piece only when the one before was taken', async () => {
    const stream = memory();
    await stdout(stream).write(
      (async function* () {
        yield 'a\n';
        assert.equal(stream.text(), 'a\n');
        yield 'b\n';
        assert.equal(stream.text(), 'a\nb\n');
      })(),
    );
  });

  test('ends in silence, and asks for no more, when the reader has gone', async () => {
    let asked = 0;
    let closed = false;
    const pieces = async function* () {
      try {
        for (; asked < 100; asked++) yield 'a\n';
      } finally {
        closed = true;
      }
    };
    await stdout(failing('EPIPE')).write(pieces());
    assert.deepEqual([asked, closed], [0, true]);
  });

  test('fails when there is no room', async () => {
    await assert.rejects(stdout(failing('ENOSPC')).write(piecesOf('a\n', 'b\n')), isUnwritable);
    const full = createWriteStream('/dev/full');
    await assert.rejects(stdout(full).write(piecesOf('a\n')), isUnwritable);
  });

  test('passes on why there are no more pieces', async () => {
    const failure = new Error('no more rows');
    const pieces = async function* () {
      yield 'a\n';
      throw failure;
    };
    const stream = memory();
    await assert.rejects(stdout(stream).write(pieces()), failure);
    assert.equal(stream.text(), 'a\n');
  });
});

async function* piecesOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

function memory(): Writable & { text(): string } {
  const written: Buffer[] = [];
  const stream = new Writable({
    write(piece: Buffer, _, taken) {
      setImmediate(() => {
        written.push(piece);
        taken();
      });
    },
  });
  return Object.assign(stream, { text: () => Buffer.concat(written).toString() });
}

function failing(code: string): Writable {
  return new Writable({
    write: (_piece, _, taken) => taken(Object.assign(new Error(`${code}: no`), { code })),
  });
}

function isUnwritable(error: unknown): true {
  assert.ok(
    error instanceof DaybookError && error.code === 'DESTINATION_UNWRITABLE',
    String(error),
  );
  assert.match(error.message, /standard output.*ENOSPC/);
  return true;
}
