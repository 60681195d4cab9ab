import { Readable } from 'node:stream';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { ByteReader, Input } from '../core/source.ts';
import { encodingOf, MAGIC_BYTES } from './encoding.ts';

/** Pieces of this size halve the time of inflating, against the default of 16 KiB. */
const MOST_PIECE_BYTES = 1 << 20;
const LEAST_PIECE_BYTES = 16 << 10;
/** Logs are a tenth of their size when compressed: so much room suits what is small. */
const ROOM_FACTOR = 8;

/** Reads a stream from its start, decompressed where its content says so. */
export class StreamReader implements ByteReader {
  readonly #input: Input;
  readonly #open: () => Readable;
  #stream: Readable | undefined;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #piece: Uint8Array = new Uint8Array(0);
  #compressedBytes = 0;

  constructor(input: Input, open: () => Readable) {
    this.#input = input;
    this.#open = open;
  }

  get consumedBytes(): number {
    return this.#compressedBytes;
  }

  async read(into: Uint8Array): Promise<number> {
    try {
      this.#pieces ??= this.#decompressed();
      while (this.#piece.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done) return 0;
        this.#piece = value;
      }
    } catch (cause) {
      throw unreadable(this.#input.name, cause);
    }
    const length = Math.min(into.length, this.#piece.length);
    into.set(this.#piece.subarray(0, length));
    this.#piece = this.#piece.subarray(length);
    return length;
  }

  close(): void {
    this.#stream?.destroy();
  }

  async *#decompressed(): AsyncGenerator<Uint8Array> {
    this.#stream = this.#open();
    const pieces = this.#counted(this.#stream);
    // The first pieces tell how the whole is compressed.
    let head: Buffer = Buffer.alloc(0);
    while (head.length < MAGIC_BYTES) {
      const { done, value } = await pieces.next();
      if (done) break;
      head = Buffer.concat([head, value]);
    }
    const encoding = encodingOf(head);
    if (encoding === 'plain') {
      yield head;
      yield* pieces;
      return;
    }
    const { createGunzip, createZstdDecompress } = await import('node:zlib');
    const options = { chunkSize: pieceBytes(this.#input) };
    const inflate = encoding === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    const whole = Readable.from(prepended(head, pieces), { objectMode: false });
    whole.on('error', (error) => inflate.destroy(error));
    yield* whole.pipe(inflate);
    // What stands behind compressed data ends the stream in silence.
    if (inflate.bytesWritten < this.#compressedBytes || !whole.readableEnded) {
      throw new DaybookError(
        'SOURCE_UNREADABLE',
        `${this.#input.name}: behind ${inflate.bytesWritten} bytes of ${encoding} data stands something else; cut it off, or decompress the file first`,
      );
    }
  }

  async *#counted(stream: Readable): AsyncGenerator<Buffer> {
    for await (const piece of stream) {
      this.#compressedBytes += piece.length;
      yield piece;
    }
  }
}

/** In what pieces to read an input: room of which little is used makes thousands of small files slow. */
export function pieceBytes({ sizeBytes = Number.POSITIVE_INFINITY }: Input): number {
  return Math.min(MOST_PIECE_BYTES, Math.max(LEAST_PIECE_BYTES, ROOM_FACTOR * sizeBytes));
}

async function* prepended(head: Buffer, pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* pieces;
}

/** Why an input cannot be read, and what to do. */
export function unreadable(name: string, cause: unknown): DaybookError {
  if (cause instanceof DaybookError) return cause;
  const hint: Record<string, string> = {
    ENOENT: `there is no file ${name}; check the path`,
    EACCES: `no permission to read ${name}; check its owner and mode`,
    EISDIR: `${name} is a folder; name the files in it, such as '${name}/*.log'`,
    EMFILE: `too many open files at ${name}; raise the limit (ulimit -n)`,
    Z_BUF_ERROR: `${name} ends in the middle of its compressed data; copy it anew, or decompress what is there and read that`,
    Z_DATA_ERROR: `${name} is damaged: its compressed data does not check out; copy it anew`,
  };
  const code = systemCode(cause) ?? '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  const zstd = code.startsWith('ZSTD') ? hint['Z_DATA_ERROR'] : undefined;
  return new DaybookError(
    'SOURCE_UNREADABLE',
    hint[code] ?? zstd ?? `cannot read ${name}: ${reason}`,
    { cause },
  );
}
