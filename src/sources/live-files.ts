import { closeSync, openSync, watch } from 'node:fs';
import { resolve } from 'node:path';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { InputMark, LiveInput, LiveSource } from '../core/live-source.ts';
import { Alarm } from './alarm.ts';
import { FileInput, type FileSetting } from './file-input.ts';
import { statOf } from './file-stat.ts';
import { FolderWatch } from './folder-watch.ts';
import { KnownInputs } from './known-inputs.ts';
import type { LiveOptions, Pace } from './live-options.ts';
import { NewFiles } from './new-files.ts';
import { OpenFiles } from './open-files.ts';
import { putAway } from './put-away.ts';
import { resume, tellLost } from './resume.ts';
import { Rotations } from './rotations.ts';
import { unreadable } from './stream-reader.ts';
import { WatchedWords } from './watched-words.ts';

const PACE: Pace = { pollMs: 250, restMs: 500, openFiles: 256, watch };
/** Looking for files takes at most this part of the time: while nothing is told, and while much is. */
const IDLE_SHARE = 1 / 100;
const BUSY_SHARE = 1 / 10;

/**
 * Files that grow, are rotated, truncated and replaced, and that come and go in folders.
 *
 * The system tells of most changes; now and then all files are looked at, for those it does not tell of.
 */
export class LiveFiles implements LiveSource {
  readonly finished = false;
  readonly #options: LiveOptions;
  readonly #pace: Pace;
  readonly #words: WatchedWords;
  readonly #known: KnownInputs;
  readonly #new: NewFiles;
  readonly #rotations: Rotations;
  readonly #watch: FolderWatch;
  readonly #alarm = new Alarm();
  #arrived: LiveInput[] = [];
  /** By full path. */
  #byPath = new Map<string, FileInput>();
  #isFirstLook = true;
  #isClosed = false;
  /** What a look costs. */
  #lookMs = 1;
  #nextLookAt = 0;
  /** From when on a change is reason enough for a look. */
  #mayLookAt = 0;
  #examining: Promise<void> | undefined;

  private constructor(words: readonly string[], options: LiveOptions, firstRank: number) {
    this.#options = options;
    this.#pace = { ...PACE, ...options.pace };
    const { idleMs, onNote, marks } = options;
    this.#words = new WatchedWords(words, marks);
    this.#known = new KnownInputs(marks, firstRank);
    this.#rotations = new Rotations(this.#known);
    const openFiles = new OpenFiles(this.#pace.openFiles);
    const setting: FileSetting = {
      idleMs,
      onNote,
      onBegin: (input) => this.#known.began(input),
      onEnd: () => this.#lookSoon(),
      openFiles,
    };
    this.#new = new NewFiles(this.#known, setting, { ...this.#pace, idleMs }, (path, identity) =>
      this.#putAway(path, identity),
    );
    this.#watch = new FolderWatch(this.#pace.watch, (path, isRenamed) =>
      this.#onChange(path, isRenamed),
    );
  }

  /**
   * @param firstRank - The rank of the first input, unless marks have ranks.
   * @throws DaybookError `SOURCE_UNREADABLE`, where a path names nothing, or what may not be read.
   */
  static async open(
    words: readonly string[],
    options: LiveOptions,
    firstRank = 0,
  ): Promise<LiveFiles> {
    const files = new LiveFiles(words, options, firstRank);
    try {
      files.#look();
      files.#checkAccess();
      await files.#begin();
      return files;
    } catch (error) {
      await files.close();
      throw error;
    }
  }

  async arrivals(): Promise<LiveInput[]> {
    if (performance.now() >= this.#nextLookAt) this.#look();
    if (!this.#examining && this.#new.due.length > 0) this.#examining = this.#examine();
    // What takes longer arrives later.
    await Promise.race([this.#examining, eventLoopTurn()]);
    return this.#arrived.splice(0);
  }

  async changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      if (performance.now() >= this.#nextLookAt) this.#look();
      const dueAt = this.#examining ? Number.POSITIVE_INFINITY : this.#new.nextDueAt;
      const at = Math.min(until, this.#nextLookAt, dueAt);
      const hasRung = await this.#alarm.rang(at - performance.now(), signal);
      if (hasRung || signal.aborted || performance.now() >= until) return;
      if (performance.now() >= dueAt) return;
    }
  }

  async settled(input: LiveInput): Promise<void> {
    if (!(input instanceof FileInput)) return;
    const { path, identity } = input;
    input.hold();
    if (path !== undefined && this.#putAway(path, identity)) input.displace();
    else input.rest();
  }

  marks(): InputMark[] {
    return this.#known.marks(this.#new.candidates);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    await this.#examining;
    for (const input of this.#known.followed) input.close();
  }

  #checkAccess(): void {
    for (const path of this.#words.paths) {
      try {
        if (statOf(path)) closeSync(openSync(path, 'r'));
      } catch (error) {
        throw unreadable(path, error);
      }
    }
  }

  async #begin(): Promise<void> {
    if (this.#options.marks.length > 0) {
      const { paths, folders } = this.#words;
      const { restMs } = this.#pace;
      const [files, known] = [this.#new, this.#known];
      this.#arrive(...(await resume({ files, known, paths, folders, restMs })));
    }
    await this.#examine();
  }

  /** Looks what new files are, one after the other. */
  async #examine(): Promise<void> {
    for (const candidate of this.#new.due) {
      if (this.#isClosed) break;
      const input = await this.#new.examine(candidate);
      if (input) this.#arrive(input);
    }
    tellLost({ files: this.#new, known: this.#known }, this.#options.onNote);
    this.#examining = undefined;
  }

  #arrive(...inputs: FileInput[]): void {
    for (const input of inputs) {
      this.#byPath.set(resolve(input.name), input);
      this.#arrived.push(input);
    }
    if (inputs.length > 0) this.#alarm.ring();
  }

  /** Finds out which files there are, and what became of those that are followed. */
  #look(): void {
    const began = performance.now();
    for (const input of this.#known.retire()) this.#new.ended(input);
    const found = this.#words.find();
    const { readFrom, marks } = this.#options;
    const fromTheirEnds = this.#isFirstLook && readFrom === 'end' && marks.length === 0;
    this.#isFirstLook = false;
    const present = new Set<string>();
    this.#byPath = new Map();
    for (const { path, stat } of found) {
      const input = this.#known.followedAs(stat.identity);
      if (input) {
        input.seenAt(path, stat);
        this.#byPath.set(resolve(path), input);
      } else if (!present.has(stat.identity)) {
        this.#new.found(path, stat, fromTheirEnds ? 'present' : 'file');
      }
      present.add(stat.identity);
    }
    for (const { path, stat } of this.#rotations.find(this.#words.paths)) {
      if (present.has(stat.identity)) continue;
      if (!this.#new.found(path, stat, 'piece')) this.#rotations.drop(stat.identity);
      present.add(stat.identity);
    }
    this.#new.keep(present);
    let hasNews = this.#new.due.length > 0;
    for (const input of this.#known.followed) {
      input.looked(present.has(input.identity));
      hasNews ||= input.isTouched || input.isDue;
    }
    if (hasNews) this.#alarm.ring();
    const { restMs, pollMs } = this.#pace;
    this.#words.tellMissing(found, restMs, (word) =>
      this.#options.onNote(`${word} is gone; it is read on when it comes back`),
    );
    this.#watch.follow(this.#words.foldersOf(found));
    const now = performance.now();
    // One look that happens to be slow does not put off the next.
    this.#lookMs = Math.min(now - began, 4 * this.#lookMs);
    this.#nextLookAt = now + Math.max(pollMs, this.#lookMs / IDLE_SHARE);
    this.#mayLookAt = now + this.#lookMs / BUSY_SHARE;
  }

  #onChange(path: string, isRenamed: boolean): void {
    const known = this.#words.linkTo(path) ?? path;
    const input = this.#byPath.get(known);
    input?.touch();
    if (!input && !this.#words.mayName(known)) return;
    if (!input || isRenamed) this.#lookSoon();
    this.#alarm.ring();
  }

  #lookSoon(): void {
    this.#nextLookAt = Math.min(this.#nextLookAt, this.#mayLookAt);
  }

  /** Moves a file out of a watched folder, if that is asked for. @returns Whether it was moved. */
  #putAway(path: string, identity: string): boolean {
    if (this.#options.done === 'keep' || !this.#words.isInFolder(path)) return false;
    try {
      return putAway(path, identity);
    } catch (error) {
      this.#options.onNote(`cannot move ${path} into processed/: ${(error as Error).message}`);
      return false;
    }
  }
}
