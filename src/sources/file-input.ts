import type { InputMark, LiveInput } from '../core/live-source.ts';
import type { FileStat } from './file-stat.ts';
import { logOf } from './log-of.ts';
import type { OpenFile, OpenFiles } from './open-files.ts';
import type { Prefix } from './prefix.ts';

/** What all inputs of a source share. */
export interface FileSetting {
  readonly idleMs: number;
  readonly onNote: (message: string) => void;
  /** Called when more of an input's first bytes were read. */
  readonly onBegin: (input: FileInput) => void;
  /** Called when an input has ended: what is in its place may be new. */
  readonly onEnd: () => void;
  readonly openFiles: OpenFiles;
}

/** A file to be read, and from where. */
export interface FileStart {
  readonly path: string;
  readonly stat: FileStat;
  readonly rank: number;
  /** What was read before, or is to be left out. */
  readonly prefix: Prefix;
  /** Whether no word names the file any more, so that it ends when it is silent. */
  readonly displaced: boolean;
}

/** A file that is followed: what does not depend on how it is stored. */
export abstract class FileInput implements LiveInput, OpenFile {
  readonly name: string;
  readonly log: string;
  readonly rank: number;
  readonly from: number;
  readonly lines: number;
  readonly withinLine: boolean;
  readonly identity: string;
  readonly prefix: Prefix;
  protected readonly setting: FileSetting;
  /** Where it was seen last; undefined where it is not to be found by a name. */
  #path: string | undefined;
  #stat: FileStat;
  #end: LiveInput['end'];
  /** The path that is to name it; undefined where none is. */
  readonly #home: string | undefined;
  #wasAtHome = false;
  #displacedAt: number | undefined;
  readonly madeAt = performance.now();
  #movedOnAt = this.madeAt;
  /** Bytes behind the prefix that were decoded for now. */
  #restBytes = 0;
  /** Whether there may be something to read. */
  #touched = true;

  constructor(start: FileStart, setting: FileSetting) {
    const { path, stat, rank, prefix, displaced } = start;
    this.name = path;
    this.log = logOf(path);
    this.rank = rank;
    this.from = prefix.position;
    this.lines = prefix.lines;
    this.withinLine = !prefix.endsLine;
    this.identity = stat.identity;
    this.prefix = prefix;
    this.setting = setting;
    this.#path = path;
    this.#stat = stat;
    this.#home = displaced ? undefined : path;
    if (displaced) this.#displacedAt = performance.now();
  }

  abstract head(sizeBytes: number, ofAll?: boolean): Promise<Uint8Array>;
  abstract read(into: Uint8Array): number | Promise<number>;
  abstract rest(): boolean;
  /** Opens the file, for its name may lead to it no more. */
  abstract hold(): void;
  abstract close(): void;
  /** How far it was read. */
  abstract readonly at: number;
  /** The version of the file, if it was read to its end. */
  abstract readonly readVersion: string | undefined;

  get path(): string | undefined {
    return this.#path;
  }

  get stat(): FileStat {
    return this.#stat;
  }

  get end(): LiveInput['end'] {
    return this.#end;
  }

  /** Whether it has ended and nothing is left to be decoded. */
  get isOver(): boolean {
    const decoded = this.prefix.position + this.#restBytes;
    return this.#end === 'cut' || (this.#end === 'whole' && decoded === this.at);
  }

  get isTouched(): boolean {
    return this.#touched;
  }

  get isDisplaced(): boolean {
    return this.#displacedAt !== undefined;
  }

  /** Whether its name is another file's, or nobody's, and it has been silent for long. */
  get isDue(): boolean {
    if (this.#displacedAt === undefined) return false;
    const since = Math.max(this.#displacedAt, this.#movedOnAt);
    return performance.now() - since >= this.setting.idleMs;
  }

  consumed(bytes: Uint8Array, lines: number): void {
    const { head } = this.prefix;
    this.prefix.take(bytes, lines);
    this.#restBytes = 0;
    if (this.prefix.head !== head) this.setting.onBegin(this);
  }

  withRest(bytes: Uint8Array): string {
    this.#restBytes = bytes.length;
    return this.prefix.digestWith(bytes);
  }

  mark(): InputMark {
    const { name, rank, identity, prefix } = this;
    return { rank, name, identity, ...prefix.described, ended: this.isOver };
  }

  /** Says that there may be something to read. */
  touch(): void {
    this.#touched = true;
  }

  /** Takes note of where the file was seen. */
  seenAt(path: string, stat: FileStat): void {
    if (path === this.#home) this.#wasAtHome = true;
    if (path === this.#home || !this.#wasAtHome) this.#path = path;
    this.updated(stat);
  }

  /** Takes note of what the file is now. */
  updated(stat: FileStat): void {
    if (stat.state !== this.#stat.state) this.#touched = true;
    this.#stat = stat;
  }

  /** Concludes a look at all files there are: whether this one was seen, and where. */
  looked(seen: boolean): void {
    if (!seen) this.#path = undefined;
    if (this.#wasAtHome) this.#displacedAt = undefined;
    else this.#displacedAt ??= performance.now();
    this.#wasAtHome = false;
  }

  /** Says that the file was put away: it ends as soon as all is read. */
  displace(): void {
    this.#path = undefined;
    this.#displacedAt = Number.NEGATIVE_INFINITY;
    this.#touched = true;
  }

  protected movedOn(): void {
    this.#movedOnAt = performance.now();
  }

  /** Says that there is nothing to read until the file changes. */
  protected untouch(): void {
    this.#touched = false;
  }

  protected finish(end: 'whole' | 'cut'): void {
    this.#end = end;
    this.close();
    this.setting.onEnd();
  }
}
