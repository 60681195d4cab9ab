import { join } from 'node:path';
import { type FileStat, statOf } from './file-stat.ts';
import type { KnownInputs } from './known-inputs.ts';
import { type FoundFile, siblingsOf } from './watched-words.ts';

/** How rotated pieces are called, behind the name of the file they were: with a number, or a date. */
const PIECE = /^[.-]\d[^/]*$/;

/** Finds pieces of files that were rotated before anybody looked, such as while the process slept. */
export class Rotations {
  readonly #known: KnownInputs;
  /** What was at each path. */
  readonly #last = new Map<string, FileStat>();
  /** Pieces by path of the file they were, then identity. */
  readonly #missed = new Map<string, Set<string>>();

  constructor(known: KnownInputs) {
    this.#known = known;
  }

  /** Pieces of the files at these paths that are no inputs yet, the oldest first. */
  find(paths: readonly string[]): FoundFile[] {
    return paths.flatMap((path) => {
      const stat = statOf(path);
      const last = this.#last.get(path);
      if (stat) this.#last.set(path, stat);
      if (stat && last && !isSame(stat, last)) this.#look(path, last, stat);
      return this.#piecesOf(path);
    });
  }

  /** Takes note that a piece holds nothing new. */
  drop(identity: string): void {
    for (const identities of this.#missed.values()) identities.delete(identity);
  }

  #look(path: string, last: FileStat, now: FileStat): void {
    const input = this.#known.followedAs(last.identity);
    const since = input?.stat.modifiedNs ?? last.modifiedNs;
    const missed = piecesBeside(path).filter(
      ({ stat: { identity, modifiedNs } }) =>
        identity !== now.identity && (identity === last.identity || modifiedNs >= since),
    );
    const identities = this.#missed.get(path) ?? new Set();
    for (const { stat } of missed) identities.add(stat.identity);
    this.#missed.set(path, identities);
  }

  #piecesOf(path: string): FoundFile[] {
    const missed = this.#missed.get(path);
    if (!missed) return [];
    const pieces = piecesBeside(path).filter(
      ({ stat: { identity } }) => missed.has(identity) && !this.#known.followedAs(identity),
    );
    if (pieces.length === 0) this.#missed.delete(path);
    return pieces.sort((a, b) => (a.stat.modifiedNs < b.stat.modifiedNs ? -1 : 1));
  }
}

function isSame(a: FileStat, b: FileStat): boolean {
  return a.identity === b.identity && a.madeNs === b.madeNs;
}

function piecesBeside(path: string): FoundFile[] {
  return siblingsOf(path).filter((piece) => PIECE.test(piece.path.slice(join(path).length)));
}
