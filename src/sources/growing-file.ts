import { closeSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../core/errors.ts';
import { FileInput, type FileSetting, type FileStart } from './file-input.ts';
import { statOfOpen } from './file-stat.ts';
import { CHECKED_BYTES } from './prefix.ts';
import { unreadable } from './stream-reader.ts';

/** So many last bytes are kept: a copy may have been made before these were read. */
const KEPT_BYTES = 64 << 10;

/**
 * A plain file that may grow.
 *
 * It is read by its descriptor, whatever becomes of its name, until it is silent and no word names it.
 */
export class GrowingFile extends FileInput {
  #at: number;
  /** The last bytes that were read. */
  #before: Buffer;
  #descriptor: number | undefined;
  /** The greatest size that was seen. */
  #sizeBytes: number;
  /** Whether it was closed, and then another file took its place and number. */
  #isReplaced = false;
  #readVersion: string | undefined;

  constructor(start: FileStart, setting: FileSetting) {
    super(start, setting);
    this.#at = this.from;
    this.#before = start.prefix.last;
    this.prefix.keptBytes = KEPT_BYTES;
    this.#sizeBytes = start.stat.sizeBytes;
  }

  override get readVersion(): string | undefined {
    return this.#readVersion;
  }

  override get at(): number {
    return this.#at;
  }

  override async head(sizeBytes: number, ofAll = false): Promise<Uint8Array> {
    const bytes = new Uint8Array(sizeBytes);
    try {
      return bytes.subarray(0, this.peek(ofAll ? 0 : this.#at, bytes));
    } catch {
      return new Uint8Array(0); // Reading it will say why.
    }
  }

  override read(into: Uint8Array): number {
    if (this.end !== undefined || !(this.isTouched || this.isDue)) return 0;
    try {
      return this.#readOn(into);
    } catch (error) {
      this.untouch();
      throw unreadable(this.name, error);
    }
  }

  /** Reads any part of what the file holds now; undefined where it cannot be opened. */
  peek(at: number, into: Uint8Array): number | undefined {
    const descriptor = this.#open();
    return descriptor === undefined ? undefined : readSync(descriptor, into, 0, into.length, at);
  }

  /** Looks whether the file still holds what was read of it, and ends the input if not. */
  check(): void {
    if (this.end !== undefined) return;
    const descriptor = this.#open();
    if (descriptor !== undefined && !this.#isIntact(descriptor)) this.#cut();
  }

  /** Looks whether a file grew that no name leads to. */
  override looked(seen: boolean): void {
    super.looked(seen);
    if (!seen && this.#descriptor !== undefined) this.updated(statOfOpen(this.#descriptor));
  }

  override seenAt(...seen: Parameters<FileInput['seenAt']>): void {
    super.seenAt(...seen);
    this.#sizeBytes = Math.max(this.#sizeBytes, this.stat.sizeBytes);
  }

  override hold(): void {
    try {
      this.#open();
    } catch {
      // Reading it will say why.
    }
  }

  override rest(): boolean {
    if (this.path === undefined && this.end === undefined) return false;
    this.close();
    return true;
  }

  override close(): void {
    this.setting.openFiles.closed(this);
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    if (this.end !== 'cut') this.prefix.rest();
  }

  #readOn(into: Uint8Array): number {
    const descriptor = this.#open();
    if (descriptor === undefined) return this.#missing();
    const length = readSync(descriptor, into, 0, into.length, this.#at);
    // Behind the reading: so what was read is what follows on what was read before.
    if (!this.#isIntact(descriptor)) return this.#cut();
    if (length > 0) {
      this.#advance(into.subarray(0, length));
      return length;
    }
    this.untouch();
    if (this.isDue) this.#finishAtEnd(descriptor);
    return 0;
  }

  #finishAtEnd(descriptor: number): void {
    const { version, sizeBytes } = statOfOpen(descriptor);
    if (sizeBytes === this.#at) this.#readVersion = version;
    this.finish('whole');
  }

  #advance(bytes: Uint8Array): void {
    this.#at += bytes.length;
    this.#sizeBytes = Math.max(this.#sizeBytes, this.#at);
    this.#before = Buffer.concat([this.#before, bytes.subarray(-CHECKED_BYTES)]).subarray(
      -CHECKED_BYTES,
    );
    this.movedOn();
  }

  #isIntact(descriptor: number): boolean {
    const { sizeBytes } = statOfOpen(descriptor);
    if (sizeBytes < this.#at) return false;
    this.#sizeBytes = Math.max(this.#sizeBytes, sizeBytes);
    const now = Buffer.alloc(this.#before.length);
    readSync(descriptor, now, 0, now.length, this.#at - now.length);
    return now.equals(this.#before);
  }

  #cut(): 0 {
    const unread = this.#sizeBytes - this.#at;
    this.setting.onNote(
      unread > 0
        ? `${this.name} was truncated: at least ${unread} bytes of it were not read`
        : `${this.name} was truncated; all that was seen of it had been read`,
    );
    this.finish('cut');
    return 0;
  }

  /** The file was closed while it was silent, and is not where it was. */
  #missing(): 0 {
    this.untouch();
    if (!this.isDue && !this.#isReplaced) return 0;
    const unread = this.#sizeBytes - this.#at;
    if (unread > 0) {
      this.setting.onNote(`${this.name} is gone; ${unread} bytes of it were not read`);
    }
    this.finish('whole');
    return 0;
  }

  /** @returns The descriptor, or undefined where the path leads to another file or to none. */
  #open(): number | undefined {
    if (this.#descriptor === undefined && !this.#reopen()) return undefined;
    this.setting.openFiles.used(this);
    return this.#descriptor;
  }

  #reopen(): boolean {
    if (this.path === undefined || this.end !== undefined) return false;
    let descriptor: number;
    try {
      descriptor = openSync(this.path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    const isSame = statOfOpen(descriptor).identity === this.identity;
    if (isSame && this.#isIntact(descriptor)) {
      this.#descriptor = descriptor;
      return true;
    }
    this.#isReplaced = isSame;
    closeSync(descriptor);
    return false;
  }
}
