import { setTimeout as delay } from 'node:timers/promises';
import type { Candidate, Look } from './candidate.ts';
import { isUnclaimed } from './examine.ts';
import type { FileInput } from './file-input.ts';
import { type FileStat, statOf } from './file-stat.ts';
import type { KnownInputs } from './known-inputs.ts';
import type { NewFiles } from './new-files.ts';
import { siblingsOf } from './watched-words.ts';

/** What is needed to go on where marks say. */
export interface Resumption {
  readonly files: NewFiles;
  readonly known: KnownInputs;
  /** The single files that are followed: pieces of them may stand beside them. */
  readonly paths: readonly string[];
  readonly restMs: number;
}

/**
 * Finds the files that marks tell of, also where they were rotated to since.
 *
 * @returns The inputs that go on, then the pieces that came after them, oldest first, then the others.
 */
export async function resume(resumption: Resumption): Promise<FileInput[]> {
  const { files, known, paths } = resumption;
  const inputs: FileInput[] = [];
  const looks = new Map<Candidate, Look>();
  for (const candidate of ownFirst(files.candidates, known)) {
    const look = await candidate.look(known);
    if (look.kind === 'continues') inputs.push(...taken(files.conclude(candidate, look)));
    else looks.set(candidate, look);
  }
  for (const path of paths) inputs.push(...(await rotatedPieces(path, resumption)));
  for (const candidate of files.candidates) {
    const look = looks.get(candidate);
    if (look) inputs.push(...taken(files.conclude(candidate, look)));
  }
  return inputs;
}

/** Pieces beside a path that no word names: they are read to their end, and then let go. */
async function rotatedPieces(path: string, resumption: Resumption): Promise<FileInput[]> {
  const { files, known, restMs } = resumption;
  const named = new Set(files.candidates.map(({ stat }) => stat.identity));
  const isMoved = [...known.unread].some((identity) => !named.has(identity));
  if (known.unclaimed.length === 0 && !isMoved) return [];
  const pieces = siblingsOf(path)
    .filter(({ stat: { identity } }) => !named.has(identity) && !known.followedAs(identity))
    .map(({ path: piece, stat }) => files.candidate(piece, stat, 'piece'));
  const inputs: FileInput[] = [];
  const others: [Candidate, Look][] = [];
  for (const piece of ownFirst(pieces, known)) {
    let look = await piece.look(known);
    if (look.kind === 'wait') {
      await delay(restMs);
      look = await piece.look(known);
    }
    if (look.kind === 'continues' && isUnclaimed(look.of))
      inputs.push(...taken(files.conclude(piece, look)));
    else if (look.kind === 'new') others.push([piece, look]);
  }
  const between = inBetween(path, inputs, others, known);
  return [...inputs, ...between.flatMap(([piece, look]) => taken(files.conclude(piece, look)))];
}

/** The pieces that came after those that marks tell of, and before what is at the path now. */
function inBetween(
  path: string,
  inputs: readonly FileInput[],
  pieces: readonly [Candidate, Look][],
  known: KnownInputs,
): [Candidate, Look][] {
  const isToldOf = ({ identity }: FileStat) => known.unread.has(identity);
  const unread = pieces.map(([{ stat }]) => stat).filter(isToldOf);
  const current = statOf(path);
  const wasRotated = !current || !(known.followedAs(current.identity) || isToldOf(current));
  const since = [...inputs.map(({ stat }) => stat), ...unread]
    .map(({ modifiedNs }) => modifiedNs)
    .reduce(greater, -1n);
  return pieces
    .filter(
      ([{ stat }]) => isToldOf(stat) || (wasRotated && since >= 0 && stat.modifiedNs >= since),
    )
    .sort(([a], [b]) => (a.stat.modifiedNs < b.stat.modifiedNs ? -1 : 1));
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** The files that have the device and inode of a mark's before the others. */
function ownFirst(candidates: Candidate[], known: KnownInputs): Candidate[] {
  const identities = new Set(known.unclaimed.map(({ mark }) => mark.identity));
  const order = ({ stat }: Candidate) => (identities.has(stat.identity) ? 0 : 1);
  return candidates.filter(({ stat }) => stat.sizeBytes > 0).sort((a, b) => order(a) - order(b));
}

function taken(input: FileInput | undefined): FileInput[] {
  return input ? [input] : [];
}
