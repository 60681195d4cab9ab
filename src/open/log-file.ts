import { closeSync, openSync, writeSync } from 'node:fs';
import { DaybookError, systemCode } from '../core/errors.ts';

const STANDARD_OUTPUT = 1;
/** So much is written at once; less when nothing else is to be done. */
const WRITTEN_CHARACTERS = 64 << 10;
/** So long lines wait for others, ms; in a long turn of the event loop no longer, either. */
const WAIT_MS = 5;
/** Of a reader that takes nothing so much is held; what comes then is lost. */
const MOST_CHARACTERS = 8 << 20;
/** How soon a reader that took nothing is tried again, and how long at the end. */
const RETRY_MS = 20;
const CLOSE_MS = 2000;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const LINE_END = 0x0a;

/**
 * A file to which lines are added. They are written together with others of the same few milliseconds, and before
 * the process ends by itself: so a service that answers many requests does not go to the disk for each.
 */
export class LogFile {
  readonly #path: string | undefined;
  readonly #onNote: (message: string) => void;
  readonly #descriptor: number;
  readonly #flush = () => this.flush();
  readonly #finish = () => this.finish();
  /** Lines that are yet to be written, and how long they are. */
  #lines: string[] = [];
  #characters = 0;
  /** When the first of them came. */
  #since = 0;
  /** What is left of those whose writing has begun. */
  #rest: Buffer = Buffer.alloc(0);
  #waiting: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #isSettled = false;
  #isClosed = false;
  /** Whether half a line may stand at its end. */
  #isTorn = false;

  /**
   * @param path - Standard output unless given.
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  constructor(path: string | undefined, onNote: (message: string) => void) {
    this.#path = path;
    this.#onNote = onNote;
    try {
      this.#descriptor = path === undefined ? STANDARD_OUTPUT : openSync(path, 'a');
    } catch (cause) {
      throw this.#unwritable(cause as Error);
    }
    process.on('exit', this.#finish);
  }

  write(line: string): void {
    if (this.#isClosed) return; // Its descriptor may be that of another file by now.
    if (this.#rest.length + this.#characters > MOST_CHARACTERS) {
      this.#fail(new Error('nobody reads it'));
      return;
    }
    const now = performance.now();
    if (this.#lines.length === 0) this.#since = now;
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#retry) return;
    if (this.#characters >= WRITTEN_CHARACTERS || now - this.#since > WAIT_MS) this.flush();
    else this.#waiting ??= setTimeout(this.#flush, WAIT_MS).unref();
  }

  /** Writes all that can be written now. */
  flush(): void {
    clearTimeout(this.#waiting);
    clearTimeout(this.#retry);
    this.#waiting = undefined;
    this.#retry = undefined;
    try {
      for (let bytes = this.#next(); bytes.length > 0; bytes = this.#next()) this.#put(bytes);
    } catch (error) {
      // A pipe whose reader is behind; a regular file never says so.
      if (systemCode(error) === 'EAGAIN') {
        this.#retry = setTimeout(this.#flush, RETRY_MS).unref();
        return;
      }
      this.#rest = Buffer.alloc(0);
      this.#fail(error as Error);
    }
  }

  /** @throws DaybookError - The lines so far could not be written. From now on that is only told. */
  settle(): void {
    this.flush();
    this.#isSettled = true;
    if (this.#failure === undefined) return;
    this.close();
    throw this.#unwritable(this.#failure);
  }

  /** Writes what is left, and waits a while for a reader that is behind. */
  finish(): void {
    const until = performance.now() + CLOSE_MS;
    this.flush();
    while (this.#retry && performance.now() < until) {
      Atomics.wait(PAUSE, 0, 0, RETRY_MS);
      this.flush();
    }
    clearTimeout(this.#retry);
  }

  /** Writes what is left, and takes nothing more. */
  close(): void {
    this.finish();
    this.#isClosed = true;
    process.off('exit', this.#finish);
    if (this.#path !== undefined) closeSync(this.#descriptor);
  }

  /** What is to be written next. */
  #next(): Buffer {
    if (this.#rest.length > 0 || this.#lines.length === 0) return this.#rest;
    const text = this.#lines.join('');
    this.#lines = [];
    this.#characters = 0;
    this.#rest = Buffer.from(this.#isTorn ? `\n${text}` : text);
    this.#isTorn = false;
    return this.#rest;
  }

  #put(bytes: Buffer): void {
    const done = writeSync(this.#descriptor, bytes);
    this.#isTorn = bytes[done - 1] !== LINE_END;
    this.#rest = bytes.subarray(done);
  }

  #fail(failure: Error): void {
    const isFirst = this.#failure === undefined;
    this.#failure = failure;
    if (isFirst && this.#isSettled)
      this.#onNote(`${this.#unwritable(failure).message}; all else goes on`);
  }

  #unwritable(cause: Error): DaybookError {
    const message = `cannot write the log ${this.#path ?? 'to standard output'}: ${cause.message}`;
    return new DaybookError('DESTINATION_UNWRITABLE', message, { cause });
  }
}
