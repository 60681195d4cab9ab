import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { DAY_START_MS, hostNames } from '../support/connection-log.ts';
import { randomNumbers } from '../support/random.ts';

/** A record for each ms of the log. */
const BLOCK_LINES = 100_000;
/** Digits of a time in ms that are the same in a whole block. */
const BLOCK_DIGITS = 8;

/** A log that grows fast: a record for each ms. It is rotated by rename, and the piece before is deleted. */
export class LiveLog {
  /** How many lines were written. */
  lines = 0;
  readonly #path: string;
  readonly #rotateLines: number;
  readonly #block: Buffer;
  readonly #lineStarts: Uint32Array;
  #file: number;

  constructor(path: string, rotateLines: number) {
    this.#path = path;
    this.#rotateLines = rotateLines;
    const names = hostNames();
    const random = randomNumbers(11);
    const host = () => names[Math.floor(names.length * random() ** 3)]!;
    const lines = Array.from(
      { length: BLOCK_LINES },
      (_, ms) => `${DAY_START_MS + ms} ${host()} ${host()}\n`,
    );
    this.#block = Buffer.from(lines.join(''), 'latin1');
    this.#lineStarts = new Uint32Array(BLOCK_LINES);
    for (let i = 1; i < BLOCK_LINES; i++) {
      this.#lineStarts[i] = this.#lineStarts[i - 1]! + lines[i - 1]!.length;
    }
    this.remove();
    this.#file = openSync(path, 'w');
  }

  /** How many lines stand in front of an instant. */
  static linesBefore(time: number): number {
    return time - DAY_START_MS;
  }

  /** Writes the next 100 seconds of the log. */
  append(): void {
    if (this.lines > 0 && this.lines % this.#rotateLines === 0) this.#rotate();
    const digits = Buffer.from(`${DAY_START_MS + this.lines}`.slice(0, BLOCK_DIGITS), 'latin1');
    for (const start of this.#lineStarts) {
      for (let i = 0; i < BLOCK_DIGITS; i++) this.#block[start + i] = digits[i]!;
    }
    writeSync(this.#file, this.#block);
    this.lines += BLOCK_LINES;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Deletes all pieces. */
  remove(): void {
    for (const path of [this.#path, `${this.#path}.1`]) rmSync(path, { force: true });
  }

  #rotate(): void {
    this.close();
    rmSync(`${this.#path}.1`, { force: true });
    renameSync(this.#path, `${this.#path}.1`);
    this.#file = openSync(this.#path, 'w');
  }
}
