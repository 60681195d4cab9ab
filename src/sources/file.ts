import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { glob, open, stat } from 'node:fs/promises';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { ByteReader, Input, Source } from '../core/source.ts';
import { encodingOf, MAGIC_BYTES } from './encoding.ts';
import { pieceBytes, StreamReader, unreadable } from './stream-reader.ts';

/** Files on this machine, in the order given. A pattern stands for the files it matches, by name. */
export const file: Source = {
  summary: 'Files: paths or patterns, plain, gzip or zstd.',
  async inputs(words) {
    const inputs: Input[] = [];
    for (const word of words)
      for (const path of await filesNamed(word)) inputs.push(await describe(path));
    return inputs;
  },
  open: (input, at) =>
    input.splittable
      ? new PlainReader(input, at)
      : new StreamReader(input, () =>
          createReadStream(input.name, { highWaterMark: pieceBytes(input) }),
        ),
};

/**
 * The paths that a word stands for. A path that is there is meant as it stands, whatever characters it has.
 *
 * @throws DaybookError `SOURCE_UNREADABLE` - There is none.
 */
export async function filesNamed(word: string): Promise<string[]> {
  const missing = await stat(word).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (missing === undefined) return [word];
  if (systemCode(missing) !== 'ENOENT' || !/[*?[{]/.test(word)) throw unreadable(word, missing);
  const matches = await Array.fromAsync(glob(word));
  if (matches.length === 0) throw new DaybookError('SOURCE_UNREADABLE', `no file matches ${word}`);
  return matches.sort();
}

async function describe(path: string): Promise<Input> {
  try {
    const stats = await stat(path);
    const identity = `${stats.dev}:${stats.ino}`;
    const input = { name: path, source: 'file', identity, splittable: false } as const;
    if (stats.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    // A pipe, such as <(zcat x.gz), and what the system makes up as it is read, such as /proc.
    if (!stats.isFile() || stats.size === 0) {
      return { ...input, encoding: 'unknown', replayable: stats.isFile() };
    }
    await using handle = await open(path);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
    const encoding = encodingOf(buffer.subarray(0, bytesRead));
    return {
      ...input,
      encoding,
      sizeBytes: stats.size,
      splittable: encoding === 'plain',
      replayable: true,
    };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Reads a plain file from any byte up to the length it had when it was listed. */
class PlainReader implements ByteReader {
  readonly #input: Input;
  readonly #from: number;
  #at: number;
  #descriptor: number | undefined;

  constructor(input: Input, at: number) {
    this.#input = input;
    this.#from = at;
    this.#at = at;
  }

  get consumedBytes(): number {
    return this.#at - this.#from;
  }

  read(into: Uint8Array): number {
    const left = (this.#input.sizeBytes ?? 0) - this.#at;
    if (left <= 0) return 0;
    try {
      this.#descriptor ??= openSame(this.#input);
      const length = readSync(this.#descriptor, into, 0, Math.min(into.length, left), this.#at);
      if (length === 0) {
        throw new DaybookError(
          'SOURCE_UNREADABLE',
          `${this.#input.name} became shorter while it was read`,
        );
      }
      this.#at += length;
      return length;
    } catch (error) {
      throw unreadable(this.#input.name, error);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Opens a file that was listed, if it is still the same. */
function openSame({ name, identity }: Input): number {
  const descriptor = openSync(name, 'r');
  const { dev, ino } = fstatSync(descriptor);
  if (identity === undefined || identity === `${dev}:${ino}`) return descriptor;
  closeSync(descriptor);
  throw new DaybookError(
    'SOURCE_UNREADABLE',
    `${name} was replaced while it was read; run again when it is at rest`,
  );
}
