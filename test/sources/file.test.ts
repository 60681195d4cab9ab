import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import type { Input } from '../../src/core/source.ts';
import { file } from '../../src/sources/file.ts';
import { filesOf } from '../support/bill.ts';
import { needsProgram } from '../support/needs.ts';

const TEXT = Buffer.from('14:02:03 ALICE99 Start\n'.repeat(1000));
const MORE = Buffer.from('14:02:34 ALICE99 End\n'.repeat(1000));
const RANDOM = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * i * 7919) >>> 7));
/** A zstd frame that decoders are to skip (RFC 8878, 3.1.2). */
const SKIPPABLE = Buffer.concat([
  Buffer.of(0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0),
  Buffer.from('abc'),
]);
const isRoot = process.getuid?.() === 0;

describe('file', () => {
  test('refuses a file that took the place of the one that was listed', async () => {
    using files = filesOf({ 'app.log': TEXT, 'other.log': TEXT });
    const [input] = await file.inputs([files.paths[0]!]);
    renameSync(files.paths[1]!, files.paths[0]!);
    await assert.rejects(bytesOf(input!, 0, 1000), /app\.log was replaced while it was read/);
  });

  test('reads a plain file from any byte on', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const [input] = await file.inputs(files.paths);
    const { name, identity } = input!;
    assert.deepEqual(input, {
      name,
      identity,
      source: 'file',
      encoding: 'plain',
      sizeBytes: TEXT.length,
      splittable: true,
      replayable: true,
    });
    for (const at of [0, 1, 1000, TEXT.length - 1, TEXT.length]) {
      for (const piece of [7000, 1 << 20]) {
        assert.deepEqual(await bytesOf(input!, at, piece), TEXT.subarray(at));
      }
    }
  });

  test('reads any bytes as they are, compressed or not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), async (bytes) => {
        using files = filesOf({ a: bytes, b: gzipSync(bytes), c: zstdCompressSync(bytes) });
        const inputs = await file.inputs(files.paths);
        for (const input of inputs.slice(1)) {
          assert.deepEqual(await bytesOf(input, 0, 7), Buffer.from(bytes));
        }
        const plain = inputs[0]!.encoding === 'plain' || bytes.length === 0;
        if (plain) assert.deepEqual(await bytesOf(inputs[0]!, 0, 7), Buffer.from(bytes));
      }),
      { numRuns: 30 },
    );
  });

  test('knows compressed files by their content, not their names', async () => {
    using files = filesOf({
      'a.log': gzipSync(TEXT),
      'b.gz': zstdCompressSync(TEXT),
      'c.gz': TEXT,
    });
    const inputs = await file.inputs(files.paths);
    assert.deepEqual(
      inputs.map(({ encoding, splittable, replayable }) => [encoding, splittable, replayable]),
      [
        ['gzip', false, true],
        ['zstd', false, true],
        ['plain', true, true],
      ],
    );
    for (const input of inputs) assert.deepEqual(await bytesOf(input), TEXT);
  });

  describe('reads compressed data', () => {
    const contents: Record<string, [stored: Buffer[], read: Buffer[]]> = {
      'of several gzip members': [
        [gzipSync(TEXT), gzipSync(MORE), gzipSync(TEXT)],
        [TEXT, MORE, TEXT],
      ],
      'of an empty gzip member': [[gzipSync(''), gzipSync(MORE)], [MORE]],
      'of several zstd frames': [
        [zstdCompressSync(TEXT), zstdCompressSync(MORE)],
        [TEXT, MORE],
      ],
      'of an empty zstd frame': [[zstdCompressSync(''), zstdCompressSync(MORE)], [MORE]],
      'behind a skippable zstd frame': [[SKIPPABLE, zstdCompressSync(TEXT)], [TEXT]],
      'around a skippable zstd frame': [
        [zstdCompressSync(TEXT), SKIPPABLE, zstdCompressSync(MORE), SKIPPABLE],
        [TEXT, MORE],
      ],
      'of nothing but a skippable zstd frame': [[SKIPPABLE], []],
    };
    for (const [title, [stored, read]] of Object.entries(contents)) {
      test(title, async () => {
        using files = filesOf({ packed: Buffer.concat(stored) });
        const [input] = await file.inputs(files.paths);
        assert.deepEqual(await bytesOf(input!), Buffer.concat(read));
      });
    }
  });

  describe('refuses, and does not cut short,', () => {
    for (const [encoding, compress] of Object.entries({ gzip: gzipSync, zstd: zstdCompressSync })) {
      const packed = compress(TEXT);
      const damaged = Buffer.from(compress(RANDOM));
      damaged[damaged.length - 2]! ^= 1;

      for (const lost of [1, 8, Math.floor(packed.length / 2), packed.length - 5]) {
        test(`${encoding} data that lacks ${lost} of its bytes`, async () => {
          await unreadable(
            { packed: packed.subarray(0, -lost) },
            /ends in the middle .*copy it anew/,
          );
        });
      }
      // The first bytes of a zstd part hold nothing, and zstd does not miss what is behind them.
      for (const kept of encoding === 'zstd' ? [4, 5, 12] : [1, 2, 3, 4, 5, 12]) {
        test(`${encoding} data with one more part cut off at byte ${kept}`, async () => {
          await unreadable({ packed: Buffer.concat([packed, packed.subarray(0, kept)]) }, /packed/);
        });
      }
      for (const stray of ['x', '\0\0\0\0', 'something else', 'x'.repeat(2_500_000)]) {
        test(`${encoding} data with something else behind it, ${stray.length} long`, async () => {
          await unreadable(
            { packed: Buffer.concat([packed, Buffer.from(stray)]) },
            /packed.*(;|:)/,
          );
        });
      }
      test(`damaged ${encoding} data`, async () => {
        const bytes = encoding === 'gzip' ? damaged : Buffer.from(packed);
        if (encoding === 'zstd') bytes[packed.length - 6]! ^= 1;
        await unreadable({ packed: bytes }, /is damaged: .*copy it anew/);
      });
    }
  });

  test('finds nothing in a file of no bytes', async () => {
    using files = filesOf({ 'app.log': '' });
    const [input] = await file.inputs(files.paths);
    assert.deepEqual([input!.splittable, input!.replayable], [false, true]);
    assert.deepEqual(await bytesOf(input!), Buffer.alloc(0));
  });

  test('reads a device that has no length', async () => {
    const [input] = await file.inputs(['/dev/null']);
    assert.deepEqual([input!.splittable, input!.replayable], [false, false]);
    assert.deepEqual(await bytesOf(input!), Buffer.alloc(0));
  });

  test('reads a pipe, once', needsProgram('mkfifo'), async () => {
    using files = filesOf({ 'app.log': gzipSync(TEXT) });
    const pipe = join(dirname(files.paths[0]!), 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const [input] = await file.inputs([pipe]);
    assert.deepEqual(
      [input!.splittable, input!.replayable, input!.sizeBytes],
      [false, false, undefined],
    );
    const writer = spawn('sh', ['-c', 'cat "$0" > "$1"', files.paths[0]!, pipe]);
    const closed = once(writer, 'close');
    assert.deepEqual(await bytesOf(input!), TEXT);
    await closed;
  });

  test('reads as much of a growing file as there was when it was listed', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const [input] = await file.inputs(files.paths);
    appendFileSync(files.paths[0]!, MORE);
    assert.deepEqual(await bytesOf(input!), TEXT);
  });

  test('says that a file became shorter while it was read', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const [input] = await file.inputs(files.paths);
    truncateSync(files.paths[0]!, 100);
    await assert.rejects(bytesOf(input!), named(input!.name, /app\.log became shorter/));
  });

  test('counts the bytes that it took, as they are stored', async () => {
    const packed = gzipSync(TEXT);
    using files = filesOf({ plain: TEXT, packed });
    for (const input of await file.inputs(files.paths)) {
      const reader = file.open(input, 0);
      assert.equal(reader.consumedBytes, 0);
      while ((await reader.read(new Uint8Array(5000))) > 0);
      assert.equal(reader.consumedBytes, input.sizeBytes);
      reader.close();
    }
  });

  test('can be closed at any time', async () => {
    using files = filesOf({ plain: TEXT, gzip: gzipSync(RANDOM), zstd: zstdCompressSync(RANDOM) });
    for (const input of await file.inputs(files.paths)) {
      file.open(input, 0).close();
      const reader = file.open(input, 0);
      assert.equal(await reader.read(new Uint8Array(10)), 10);
      reader.close();
      reader.close();
      for (let i = 0; i < 20; i++) await turn(); // whatever is left of it would fail now
    }
  });

  test('takes patterns for the files they match, by name', async () => {
    using files = filesOf({ 'b.log': 'b', 'a.log': 'a', 'c.txt': 'c', 'a1.log': '1' });
    const folder = dirname(files.paths[0]!);
    const namesOf = async (...words: string[]) =>
      (await file.inputs(words.map((word) => join(folder, word)))).map(({ name }) =>
        name.slice(folder.length + 1),
      );
    assert.deepEqual(await namesOf('*.log'), ['a.log', 'a1.log', 'b.log']);
    assert.deepEqual(await namesOf('?.{log,txt}'), ['a.log', 'b.log', 'c.txt']);
    assert.deepEqual(await namesOf('a[0-9].log'), ['a1.log']);
    assert.deepEqual(await namesOf('c.txt', 'a*.log', 'c.txt'), [
      'c.txt',
      'a.log',
      'a1.log',
      'c.txt',
    ]);
  });

  test('takes a path that is there as it stands, whatever characters it has', async () => {
    using files = filesOf({
      'a[1].log': 'literal',
      'a1.log': 'matched',
      'a*.log': 'star',
      '-': 'dash',
    });
    for (const path of files.paths) {
      assert.deepEqual(
        (await file.inputs([path])).map(({ name }) => name),
        [path],
      );
    }
  });

  test('follows links', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const link = join(dirname(files.paths[0]!), 'link.log');
    symlinkSync(files.paths[0]!, link);
    const [input] = await file.inputs([link]);
    assert.equal(input!.name, link);
    assert.deepEqual(await bytesOf(input!), TEXT);
  });

  test('names a file that is missing', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const missing = `${files.paths[0]}.1`;
    await assert.rejects(
      file.inputs([missing]),
      named(missing, /there is no file .*check the path/),
    );
    const below = join(files.paths[0]!, 'app.log');
    await assert.rejects(file.inputs([below]), named(below, /cannot read/));
  });

  test('names a file that vanished', async () => {
    for (const content of [TEXT, gzipSync(TEXT)]) {
      let input: Input;
      {
        using files = filesOf({ 'app.log': content });
        [input] = (await file.inputs(files.paths)) as [Input];
      }
      await assert.rejects(bytesOf(input), named(input.name, /there is no file .*check the path/));
    }
  });

  test('names a pattern that matches nothing', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const pattern = join(dirname(files.paths[0]!), '*.txt');
    await assert.rejects(file.inputs([pattern]), named(pattern, /no file matches/));
  });

  test('says how to name the files of a folder', async () => {
    using files = filesOf({ 'app.log': TEXT });
    const folder = join(dirname(files.paths[0]!), 'logs');
    mkdirSync(folder);
    await assert.rejects(file.inputs([folder]), named(folder, /is a folder; name the files in it/));
  });

  test('names a file that may not be read', {
    skip: isRoot && 'root may read everything',
  }, async () => {
    using files = filesOf({ 'app.log': TEXT });
    chmodSync(files.paths[0]!, 0);
    await assert.rejects(
      file.inputs(files.paths),
      named(files.paths[0]!, /no permission to read .*check its owner and mode/),
    );
  });
});

async function bytesOf(input: Input, at = 0, pieceBytes = 1 << 16): Promise<Buffer> {
  const reader = file.open(input, at);
  try {
    const pieces: Buffer[] = [];
    for (;;) {
      const into = new Uint8Array(pieceBytes);
      const length = await reader.read(into);
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(Buffer.from(into.subarray(0, length)));
    }
  } finally {
    reader.close();
  }
}

async function unreadable(contents: Record<string, Uint8Array>, message: RegExp): Promise<void> {
  using files = filesOf(contents);
  const [input] = await file.inputs(files.paths);
  assert.notEqual(input!.encoding, 'plain');
  await assert.rejects(bytesOf(input!), named(input!.name, message));
}

/** A failure of the user that names the file. */
function named(name: string, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof DaybookError && error.code === 'SOURCE_UNREADABLE', String(error));
    assert.ok(error.message.includes(name), error.message);
    assert.match(error.message, message);
    return true;
  };
}
