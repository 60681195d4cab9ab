import { createHash, type Hash } from 'node:crypto';
import type { InputMark } from '../core/live-source.ts';

/** So many first bytes tell most inputs apart, without a digest. */
export const HEAD_BYTES = 32;
/** So many last bytes tell whether a file still holds what was read of it. */
export const CHECKED_BYTES = 64;
const NEWLINE = 0x0a;

/** An input's bytes from its start on: how many, of how many lines, and the digest that says who it is. */
export class Prefix {
  position = 0;
  lines = 0;
  /** The first bytes in hex. */
  head = '';
  /** So many last bytes are kept at least: digests are at hand for positions that far back. */
  keptBytes = CHECKED_BYTES;
  #endsLine = true;
  /** Of all bytes but the recent ones. */
  #hash: Hash = createHash('sha256');
  #recent: Buffer[] = [];
  #recentBytes = 0;
  #digest: string | undefined;

  /** Whether the next byte begins a line. */
  get endsLine(): boolean {
    return this.#endsLine;
  }

  /** SHA-256 in hex. */
  get digest(): string {
    this.#digest ??= this.digestAt(this.position)!;
    return this.#digest;
  }

  /** What marks tell of it. */
  get described(): Pick<InputMark, 'position' | 'digest' | 'lines' | 'head'> {
    const { position, digest, lines, head } = this;
    return { position, digest, lines, head };
  }

  take(bytes: Uint8Array, lines: number): void {
    if (bytes.length === 0) return;
    const begin = bytes.subarray(0, Math.max(0, HEAD_BYTES - this.position));
    this.head += Buffer.from(begin).toString('hex');
    this.#endsLine = bytes[bytes.length - 1] === NEWLINE;
    this.position += bytes.length;
    this.lines += lines;
    this.#digest = undefined;
    const passing = Math.max(0, bytes.length - this.keptBytes);
    if (passing > 0) {
      this.rest();
      this.#hash.update(bytes.subarray(0, passing));
    }
    this.#recent.push(Buffer.from(bytes.subarray(passing)));
    this.#recentBytes += bytes.length - passing;
    while (this.#recentBytes - this.#recent[0]!.length >= this.keptBytes) this.#pass();
  }

  /** The digest of the bytes before a position, where that is recent. */
  digestAt(position: number): string | undefined {
    let left = position - (this.position - this.#recentBytes);
    if (left < 0 || position > this.position) return undefined;
    const hash = this.#hash.copy();
    for (const bytes of this.#recent) {
      if (left <= 0) break;
      hash.update(bytes.subarray(0, left));
      left -= bytes.length;
    }
    return hash.digest('hex');
  }

  /** The digest of these bytes with others behind them. */
  digestWith(bytes: Uint8Array): string {
    const hash = this.#hash.copy();
    for (const recent of this.#recent) hash.update(recent);
    return hash.update(bytes).digest('hex');
  }

  /** The last bytes, as far as they are kept. */
  get last(): Buffer {
    return Buffer.concat(this.#recent).subarray(-CHECKED_BYTES);
  }

  /** Lets go of the last bytes, to be small while nothing comes. */
  rest(): void {
    while (this.#recent.length > 0) this.#pass();
  }

  copy(): Prefix {
    const copy = new Prefix();
    copy.position = this.position;
    copy.lines = this.lines;
    copy.head = this.head;
    copy.#endsLine = this.#endsLine;
    copy.#hash = this.#hash.copy();
    copy.#recent = [...this.#recent];
    copy.#recentBytes = this.#recentBytes;
    return copy;
  }

  #pass(): void {
    const bytes = this.#recent.shift()!;
    this.#recentBytes -= bytes.length;
    this.#hash.update(bytes);
  }
}

/** How many lines end within these bytes. */
export function lineEndsIn(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
