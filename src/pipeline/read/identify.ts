import { createHash } from 'node:crypto';
import type { Input, Source } from '../../core/source.ts';
import type { InputHead, StoredInput } from '../../core/store.ts';
import { ContentHash, HashedBytes } from './content-hash.ts';
import { readHead } from './read-head.ts';

/** First bytes by which inputs are told from most others. */
export const HEAD_BYTES = 4096;

/** Who an input is: what a store has of it. */
export interface Identity {
  /**
   * `known`: all of it; `begun`: all of it, and the beginning once more, since counting it besides was stopped;
   * `grown`: its beginning; `changed`: something else that was called by its name; `new`: nothing.
   */
  readonly kind: 'known' | 'begun' | 'grown' | 'changed' | 'new';
  /** The input in the store, unless it is new. */
  readonly stored: StoredInput | undefined;
  /** Of one that has grown: whether counting it besides was stopped, so that this is to be gone on with, too. */
  readonly isBegun?: boolean | undefined;
  /** Where it was changed, all that it would take the place of: what was counted of `stored`, once or again, or in part. */
  readonly outdated: readonly number[];
  /** Of the bytes that are in the store and settled. */
  readonly hash: ContentHash;
  /** Its first bytes, as far as they stand in front of a position: what is behind it may still be changed. */
  headUpTo(position: number): InputHead;
}

/**
 * Finds out who an input is by its content: its name, its place and its compression do not matter.
 *
 * Where a store has several beginnings of it, the longest counts.
 *
 * @param known - The inputs that the store has.
 * @throws DaybookError `SOURCE_UNREADABLE` or `INTERRUPTED`
 */
export async function identify(
  input: Input,
  source: Source,
  known: readonly StoredInput[],
  signal?: AbortSignal,
): Promise<Identity> {
  // What can be read only once is not looked at first.
  const start = input.replayable
    ? await readHead(source.open(input, 0), new Uint8Array(HEAD_BYTES))
    : new Uint8Array(0);
  const headUpTo = (position: number) => {
    return headWith(start.subarray(0, Math.min(position, start.length)));
  };
  const heads = new Map<number, string>(); // most are of the same length
  const headAt = (bytes: number) => {
    const digest = heads.get(bytes) ?? sha256(start.subarray(0, bytes));
    heads.set(bytes, digest);
    return digest;
  };
  const alike = known.filter(
    (other) => other.head.bytes <= start.length && headAt(other.head.bytes) === other.head.digest,
  );
  const found = await longestBeginning(input, source, alike, signal);
  if (found) return { ...found, outdated: [], headUpTo };
  const named = known.filter(({ name }) => name === input.name);
  const stored = named.reduce<StoredInput | undefined>(latestOf, undefined);
  const outdated = named
    .filter(({ digest, isUnfinished }) => isUnfinished || digest === stored!.digest)
    .map(({ id }) => id);
  const kind = stored ? 'changed' : 'new';
  return { kind, stored, outdated, hash: new ContentHash(), headUpTo };
}

/** Who had a name last, of those that are counted as a whole if there are any. */
function latestOf(a: StoredInput | undefined, b: StoredInput): StoredInput {
  const [isBegun, isOtherBegun] = [a?.isUnfinished ?? false, b.isUnfinished ?? false];
  if (a !== undefined && isBegun !== isOtherBegun) return isBegun ? b : a;
  return a === undefined || b.id > a.id ? b : a;
}

/** What is told by the content alone. */
type Found = Omit<Identity, 'headUpTo' | 'outdated'>;

/** Which of some inputs this one begins with, or is. */
async function longestBeginning(
  input: Input,
  source: Source,
  alike: readonly StoredInput[],
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  if (alike.length === 0 || !input.replayable) return undefined;
  const bytes = new HashedBytes(source.open(input, 0), signal);
  try {
    const hash = new ContentHash();
    const settled = new Map<number, ContentHash>();
    let found: Found | undefined;
    let begun: StoredInput | undefined;
    for (const position of positionsOf(alike)) {
      if (!(await bytes.take(hash, position))) break;
      settled.set(position, hash.copy());
      const same = alike.filter(
        (other) => other.position === position && other.digest === hash.digest,
      );
      begun = same.find((other) => other.isUnfinished) ?? begun;
      const stored = same.find((other) => !other.isUnfinished);
      if (stored === undefined) continue;
      const kind = (await bytes.isAtEnd()) ? 'known' : 'grown';
      found = { kind, stored, hash: settled.get(stored.settled.position)! };
    }
    if (begun === undefined) return found;
    if (found?.kind === 'grown') return { ...found, isBegun: true };
    // Where what it was counted besides is gone, it is an input as others are.
    const kind = found ? 'begun' : (await bytes.isAtEnd()) ? 'known' : 'grown';
    return { kind, stored: begun, hash: settled.get(begun.settled.position)! };
  } finally {
    bytes.close();
  }
}

/** Where digests are to be looked at, in order. */
function positionsOf(inputs: readonly StoredInput[]): number[] {
  const positions = inputs.flatMap(({ position, settled }) => [settled.position, position]);
  return [...new Set(positions)].sort((a, b) => a - b);
}

/** What is kept of an input's first bytes, `HEAD_BYTES` or all there are. */
export function headWith(bytes: Uint8Array): InputHead {
  return { bytes: bytes.length, digest: sha256(bytes) };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
