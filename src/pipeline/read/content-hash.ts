import { createHash, type Hash } from 'node:crypto';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { throwIfInterrupted } from '../../core/errors.ts';
import type { ByteReader } from '../../core/source.ts';

const READ_BYTES = 1 << 20;
const READS_PER_TURN = 16;

/** The SHA-256 of an input's first bytes, at any number of them. */
export class ContentHash {
  /** How many bytes were taken. */
  position = 0;
  readonly #hash: Hash;

  constructor(hash: Hash = createHash('sha256')) {
    this.#hash = hash;
  }

  /** The digest of the bytes so far, in hex. */
  get digest(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Takes bytes that stand at an offset, as far as they are not taken yet. */
  take(bytes: Uint8Array, offset: number): void {
    const known = this.position - offset;
    if (known < 0) throw new Error('bytes are missing in front of those that are to be hashed');
    if (known >= bytes.length) return;
    this.#hash.update(bytes.subarray(known));
    this.position += bytes.length - known;
  }

  /** The same, to be gone on with in another way. */
  copy(): ContentHash {
    const copy = new ContentHash(this.#hash.copy());
    copy.position = this.position;
    return copy;
  }
}

/** Bytes that are read, not to be decoded, but to be hashed. */
export class HashedBytes {
  readonly #reader: ByteReader;
  readonly #signal: AbortSignal | undefined;
  readonly #buffer = new Uint8Array(READ_BYTES);
  #reads = 0;
  /** Bytes that were read and not taken yet. */
  #ahead: Uint8Array = new Uint8Array(0);

  /** @param reader - Opened where the hash goes on; it is closed with this. */
  constructor(reader: ByteReader, signal?: AbortSignal) {
    this.#reader = reader;
    this.#signal = signal;
  }

  /**
   * Takes bytes up to a position.
   *
   * @returns Whether there are so many.
   * @throws DaybookError `SOURCE_UNREADABLE` or `INTERRUPTED`
   */
  async take(hash: ContentHash, to: number): Promise<boolean> {
    while (hash.position < to) {
      if (await this.isAtEnd()) return false;
      const some = this.#ahead.subarray(0, to - hash.position);
      hash.take(some, hash.position);
      this.#ahead = this.#ahead.subarray(some.length);
    }
    return true;
  }

  /** Whether nothing comes behind what was taken. */
  async isAtEnd(): Promise<boolean> {
    if (this.#ahead.length > 0) return false;
    // Plain files are read without waiting: signals and progress get through now and then.
    if (++this.#reads % READS_PER_TURN === 0) await eventLoopTurn();
    throwIfInterrupted(this.#signal);
    const count = await this.#reader.read(this.#buffer);
    this.#ahead = this.#buffer.subarray(0, count);
    return count === 0;
  }

  close(): void {
    this.#reader.close();
  }
}
