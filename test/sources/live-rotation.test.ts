import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { following, type LineFollower, newFolder, QUICK } from '../support/live.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 200);
const IDLE_MS = 20;

/** What may happen to a log and to who follows it. */
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write'), count: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('read') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tear') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rotate') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compress') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('truncate') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill') }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait'), ms: fc.integer({ min: 1, max: 60 }) }),
  },
);

describe('live files', () => {
  for (const [title, word] of Object.entries({
    'by its path': 'app.log',
    'by a pattern': 'app.log*',
    'by its folder': '.',
  })) {
    test(`bring every line of a log once that is named ${title}, whatever happens`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(happening, { minLength: 3, maxLength: 25 }),
          fc.constantFrom(7, 100, 1 << 16),
          async (happenings, pieceBytes) => {
            await using log = new Log(word, pieceBytes);
            await log.start();
            for (const next of happenings) await log.happen(next as Happening);
            await log.check();
          },
        ),
        { numRuns: RUNS, endOnFailure: true },
      );
    });
  }
});

type Happening =
  | { kind: 'write'; count: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'read' | 'tear' | 'rotate' | 'compress' | 'truncate' | 'kill' };

/** A log that is written and rotated, and who follows it, perhaps killed and started again. */
class Log {
  readonly #folder = newFolder();
  readonly #path = this.#folder.at('app.log');
  readonly #word: string;
  readonly #pieceBytes: number;
  readonly #written: string[] = [];
  readonly #read: string[] = [];
  readonly #notes: string[] = [];
  #follower!: LineFollower;
  #isTorn = false;

  constructor(word: string, pieceBytes: number) {
    this.#word = this.#folder.at(word);
    this.#pieceBytes = pieceBytes;
    writeFileSync(this.#path, '');
  }

  async start(marks: Awaited<ReturnType<LineFollower['killed']>> = []): Promise<void> {
    const pieceBytes = this.#pieceBytes;
    this.#follower = await following([this.#word], { idleMs: IDLE_MS, marks, pieceBytes });
  }

  async happen(next: Happening): Promise<void> {
    switch (next.kind) {
      case 'write':
        return this.#write(next.count);
      case 'read':
        await this.#follower.read();
        return;
      case 'wait':
        return this.#follower.atRest(next.ms);
      case 'tear':
        if (!this.#isTorn) appendFileSync(this.#path, '1600');
        this.#isTorn = true;
        return;
      case 'rotate':
        this.#write(1);
        this.#shift();
        renameSync(this.#path, `${this.#path}.1`);
        writeFileSync(this.#path, '');
        return;
      case 'compress':
        await this.#notice();
        return this.#compress();
      case 'truncate':
        return this.#truncate();
      case 'kill': {
        await this.#notice();
        this.#take();
        await this.start(await this.#follower.killed());
      }
    }
  }

  /** What was read is what was written, when all had time to come. */
  async check(): Promise<void> {
    this.#write(1);
    const all = () => this.#read.length + this.#follower.lines.length >= this.#written.length;
    await this.#follower.until(all).catch(() => {});
    await this.#follower.atRest(2 * IDLE_MS);
    this.#take();
    const times = Map.groupBy(this.#read, (line) => line);
    const missing = this.#written.filter((line) => !times.has(line));
    const more = [...times].filter(([, found]) => found.length > 1).map(([line]) => line);
    const notes = this.#notes.filter((note) => !note.includes('truncated; all'));
    const wrong = [...missing.slice(0, 3), ...more.slice(0, 3), ...notes];
    assert.deepEqual(wrong, [], `${missing.length} missing, ${more.length} doubled`);
    assert.equal(this.#read.length, this.#written.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower.source.close();
    this.#folder[Symbol.dispose]();
  }

  #write(count: number): void {
    const first = this.#written.length;
    const lines = Array.from({ length: count }, (_, i) => `1600${first + i} host target`);
    this.#written.push(...lines);
    const text = `${lines.join('\n')}\n`;
    appendFileSync(this.#path, this.#isTorn ? text.slice(4) : text);
    this.#isTorn = false;
  }

  #shift(): void {
    for (let number = 20; number > 0; number--) {
      for (const suffix of ['', '.gz']) {
        const [from, to] = [number, number + 1].map((n) => `${this.#path}.${n}${suffix}`);
        if (existsSync(from!)) renameSync(from!, to!);
      }
    }
  }

  /** Has the follower see what files there are, without reading them. */
  async #notice(): Promise<void> {
    const { signal } = new AbortController();
    const late = performance.now() + 4 * QUICK.pollMs;
    for (let left = 1; left > 0; left = late - performance.now()) {
      await this.#follower.source.changed(left, signal);
      await this.#follower.welcome();
    }
  }

  #compress(): void {
    for (let number = 1; number < 20; number++) {
      const path = `${this.#path}.${number}`;
      if (!existsSync(path)) continue;
      writeFileSync(`${path}.gz`, gzipSync(readFileSync(path)));
      unlinkSync(path);
      return;
    }
  }

  /** Copies and truncates the log, when all of it was read, as far as its copy is not watched. */
  async #truncate(): Promise<void> {
    this.#write(1);
    await this.#follower.until(
      () => this.#read.length + this.#follower.lines.length >= this.#written.length,
    );
    this.#shift();
    copyFileSync(this.#path, `${this.#path}.1`);
    const cuts = () => this.#follower.ends.filter((end) => end === 'cut').length;
    const before = cuts();
    truncateSync(this.#path, 0);
    await this.#follower.until(() => cuts() > before);
    await this.#follower.atRest(10); // Who is killed just then does not know of what comes.
  }

  #take(): void {
    this.#read.push(...this.#follower.lines);
    this.#notes.push(...this.#follower.notes);
    for (const { lines } of this.#follower.inputs) lines.length = 0;
  }
}
