import { type BigIntStats, fstatSync, statSync } from 'node:fs';

/** What the system says of a file. */
export interface FileStat {
  /** `device:inode`. */
  readonly identity: string;
  readonly sizeBytes: number;
  /** When the content was changed last, in ns. */
  readonly modifiedNs: bigint;
  /** When the file was made, in ns, where the system keeps that: an inode may be another file's later. */
  readonly madeNs: bigint;
  /** When the content, the name or the mode was changed last, in ms of the clock on the wall. */
  readonly changedMs: number;
  /** Another one for another content. */
  readonly version: string;
  /** Another one also for another name, owner or mode. */
  readonly state: string;
}

/** What is at a path, links followed; undefined where no file is to be seen. */
export function statOf(path: string): FileStat | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats?.isFile() ? described(stats) : undefined;
  } catch {
    return undefined; // Its folder may not be read, or links go in circles.
  }
}

export function statOfOpen(descriptor: number): FileStat {
  return described(fstatSync(descriptor, { bigint: true }));
}

function described(stats: BigIntStats): FileStat {
  const { dev, ino, size, mtimeNs, ctimeNs, birthtimeNs } = stats;
  const identity = `${dev}:${ino}`;
  const version = `${identity}:${size}:${mtimeNs}`;
  return {
    identity,
    sizeBytes: Number(size),
    modifiedNs: mtimeNs,
    madeNs: birthtimeNs,
    changedMs: Number(ctimeNs / 1_000_000n),
    version,
    state: `${version}:${ctimeNs}`,
  };
}
