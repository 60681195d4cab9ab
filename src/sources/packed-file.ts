import { closeSync, createReadStream, openSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';
import { FileInput } from './file-input.ts';
import { statOfOpen } from './file-stat.ts';
import { StreamReader, unreadable } from './stream-reader.ts';

const SKIP_BYTES = 64 << 10;

/** A gzip or zstd file that was found to be complete. It ends with what is in it. */
export class PackedFile extends FileInput {
  #at = this.from;
  #reader: StreamReader | undefined;
  /** A piece whose name may become another's. */
  #held: number | undefined;
  /** What was found to be complete; what comes behind it later is yet to be looked at. */
  readonly #version = this.stat.version;

  override get readVersion(): string | undefined {
    return this.end === 'whole' ? this.#version : undefined;
  }

  override get at(): number {
    return this.#at;
  }

  override async head(sizeBytes: number, ofAll = false): Promise<Uint8Array> {
    const bytes = new Uint8Array(sizeBytes);
    let reader: StreamReader | undefined;
    try {
      reader = await this.#open(ofAll ? 0 : this.#at);
      let filled = 0;
      for (let count = -1; reader && count !== 0 && filled < sizeBytes; filled += count)
        count = await reader.read(bytes.subarray(filled));
      return bytes.subarray(0, filled);
    } catch {
      return new Uint8Array(0); // Reading it will say why.
    } finally {
      reader?.close();
    }
  }

  override async read(into: Uint8Array): Promise<number> {
    if (this.end !== undefined) return 0;
    if (!this.isTouched) {
      if (this.isDue) this.#giveUp();
      return 0;
    }
    try {
      this.#reader ??= await this.#open(this.#at);
      if (this.#reader === undefined) return 0;
      const length = await this.#reader.read(into);
      this.#at += length;
      this.movedOn();
      if (length === 0) this.finish('whole');
      return length;
    } catch (error) {
      this.untouch();
      this.#pause();
      throw unreadable(this.name, error);
    }
  }

  /** It is open for as long as it is read, which comes to an end. */
  override rest(): boolean {
    return false;
  }

  override hold(): void {
    if (this.isDisplaced) this.#held = openSync(this.name, 'r');
  }

  override close(): void {
    this.#pause();
    if (this.#held !== undefined) closeSync(this.#held);
    this.#held = undefined;
  }

  #pause(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.prefix.rest();
  }

  #giveUp(): void {
    this.setting.onNote(`${this.name} is gone; it was not read to its end`);
    this.finish('cut');
  }

  /** Opens the file at a byte, decompressed, if it is where it was seen last. */
  async #open(at: number): Promise<StreamReader | undefined> {
    const descriptor = this.#openFile();
    if (descriptor === undefined) return undefined;
    const reader = packedReader(this.name, descriptor);
    try {
      await skip(reader, at);
      return reader;
    } catch (error) {
      reader.close();
      throw error;
    }
  }

  #openFile(): number | undefined {
    const path = this.#held === undefined ? (this.path ?? this.name) : `/dev/fd/${this.#held}`;
    this.untouch(); // Until it is seen elsewhere.
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const { identity, version } = statOfOpen(descriptor);
    if (version === this.#version) {
      this.touch();
      return descriptor;
    }
    closeSync(descriptor);
    // It was written anew, and is to be looked at as any new file is.
    if (identity === this.identity) this.finish('cut');
    return undefined;
  }
}

async function skip(reader: StreamReader, sizeBytes: number): Promise<void> {
  const skipped = new Uint8Array(SKIP_BYTES);
  for (let left = sizeBytes; left > 0; ) {
    const count = await reader.read(skipped.subarray(0, left));
    if (count === 0) throw new Error('there is less in it than before');
    left -= count;
  }
}

/** Reads an open file from its start, decompressed where its content says so. */
export function packedReader(name: string, descriptor: number): StreamReader {
  const input = {
    name,
    source: 'file',
    encoding: 'unknown',
    splittable: false,
    replayable: true,
  } as const;
  return new StreamReader(input, () =>
    createReadStream('', { fd: descriptor, start: 0, highWaterMark: 1 << 20 }),
  );
}
