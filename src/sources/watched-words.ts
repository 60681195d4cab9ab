import { globSync, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { systemCode } from '../core/errors.ts';
import type { InputMark } from '../core/live-source.ts';
import { type FileStat, statOf } from './file-stat.ts';
import { unreadable } from './stream-reader.ts';

/** A file that a user's words name. */
export interface FoundFile {
  readonly path: string;
  readonly stat: FileStat;
}

/** What a word stands for. Files may come and go. */
interface Word {
  readonly kind: 'file' | 'folder' | 'pattern';
  readonly text: string;
  /** Since when nothing is there. */
  missingSince: number | undefined;
  isMissed: boolean;
}

const MAGIC = /[*?[{]/;
const byName = new Intl.Collator('en', { numeric: true });

/** Names in their natural order: `app.2` before `app.10`. */
function compareNames(a: string, b: string): number {
  return byName.compare(a, b) || (a < b ? -1 : 1);
}

/** The paths, patterns and folders that a user named, and what is there of them now. */
export class WatchedWords {
  readonly #words: readonly Word[];
  readonly #paths: ReadonlySet<string>;
  /** Folders of which any file may be of use. */
  readonly #wide = new Set<string>();
  /** Where links among the paths lead to, and which they are. */
  readonly #links = new Map<string, string>();

  /** @throws DaybookError `SOURCE_UNREADABLE`, where a path names nothing and no mark tells of it. */
  constructor(words: readonly string[], marks: readonly InputMark[]) {
    this.#words = words.map((text) => ({
      kind: kindOf(text, marks),
      text,
      missingSince: undefined,
      isMissed: false,
    }));
    this.#paths = new Set(this.paths.map((path) => resolve(path)));
  }

  /** The paths of single files. */
  get paths(): string[] {
    return this.#words.filter(({ kind }) => kind === 'file').map(({ text }) => text);
  }

  get folders(): string[] {
    return this.#words.filter(({ kind }) => kind === 'folder').map(({ text }) => text);
  }

  /** The files that are there, in the order of the words, then of names. */
  find(): FoundFile[] {
    return filesAt(this.#words.flatMap(pathsOf));
  }

  /** The folders in which something may happen to these files. */
  foldersOf(found: readonly FoundFile[]): Set<string> {
    this.#wide.clear();
    for (const { kind, text } of this.#words) {
      if (kind === 'folder') this.#wide.add(resolve(text));
      if (kind === 'pattern') this.#wide.add(resolve(baseOf(text)));
    }
    if (this.#words.some(({ kind }) => kind === 'pattern')) {
      for (const { path } of found) this.#wide.add(resolve(dirname(path)));
    }
    this.#links.clear();
    for (const path of this.#paths) {
      const target = targetOf(path);
      if (target) this.#links.set(target, path);
    }
    const paths = [...this.#paths, ...this.#links.keys()];
    return new Set([...this.#wide, ...paths.map((path) => dirname(path))]);
  }

  /** Which path leads to a file by a link. */
  linkTo(path: string): string | undefined {
    return this.#links.get(path);
  }

  /** Whether a file may be one of these, by its path. */
  mayName(path: string): boolean {
    return this.#paths.has(path) || this.#wide.has(dirname(path));
  }

  /** Whether a path is that of a file in a folder that was named. */
  isInFolder(path: string): boolean {
    return this.folders.some((folder) => resolve(folder) === dirname(resolve(path)));
  }

  /** Tells, once, of what has been gone for so long. */
  tellMissing(found: readonly FoundFile[], restMs: number, tell: (word: string) => void): void {
    const now = performance.now();
    const paths = new Set(found.map(({ path }) => path));
    for (const word of this.#words) {
      const { kind, text } = word;
      const isThere = kind === 'pattern' || (kind === 'file' ? paths.has(text) : isFolder(text));
      if (isThere) {
        word.missingSince = undefined;
        word.isMissed = false;
        continue;
      }
      word.missingSince ??= now;
      if (word.isMissed || now - word.missingSince < restMs) continue;
      word.isMissed = true;
      tell(text);
    }
  }
}

/** Where a rotated piece of a file may be: beside it, under a longer name. */
export function siblingsOf(path: string): FoundFile[] {
  const folder = dirname(path);
  const paths = namesIn(folder).map((name) => join(folder, name));
  return filesAt(paths.filter((other) => isSibling(other, join(path))));
}

/** The files in a folder. */
export function filesIn(folder: string): FoundFile[] {
  return filesAt(namesIn(folder).map((name) => join(folder, name)));
}

function isSibling(other: string, path: string): boolean {
  return other.startsWith(`${path}.`) || other.startsWith(`${path}-`);
}

function filesAt(paths: readonly string[]): FoundFile[] {
  return paths.flatMap((path) => {
    const stat = statOf(path);
    return stat ? [{ path, stat }] : [];
  });
}

/** Where a symbolic link leads to. */
function targetOf(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? realpathSync(path) : undefined;
  } catch {
    return undefined;
  }
}

function kindOf(text: string, marks: readonly InputMark[]): Word['kind'] {
  try {
    return statSync(text).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const names = marks.map(({ name }) => name);
    if (names.some((name) => name === text || isSibling(name, text))) return 'file';
    if (names.some((name) => dirname(resolve(name)) === resolve(text))) return 'folder';
    if (systemCode(error) === 'ENOENT' && MAGIC.test(text)) return 'pattern';
    throw unreadable(text, error);
  }
}

function pathsOf({ kind, text }: Word): string[] {
  if (kind === 'file') return [text];
  if (kind === 'pattern') return globSync(text).sort(compareNames);
  const names = namesIn(text).filter((name) => !name.startsWith('.'));
  return names.map((name) => join(text, name));
}

/** The names in a folder in their order, but for those of folders; none if it is not there. */
function namesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    return files.map(({ name }) => name).sort(compareNames);
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The folder in which a pattern begins to be one. */
function baseOf(pattern: string): string {
  let base = pattern;
  while (MAGIC.test(base)) base = dirname(base);
  return base;
}
