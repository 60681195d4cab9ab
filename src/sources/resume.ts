import { setTimeout as delay } from 'node:timers/promises';
import type { Candidate, Look } from './candidate.ts';
import type { FileInput } from './file-input.ts';
import { statOf } from './file-stat.ts';
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
  const { files, known } = resumption;
  const named = new Set(files.candidates.map(({ stat }) => stat.identity));
  if (known.unclaimed.length === 0 && !known.hasOtherUnread(named)) return [];
  const pieces = siblingsOf(path)
    .filter(({ stat: { identity } }) => !named.has(identity) && !known.followedAs(identity))
    .map(({ path: piece, stat }) => files.candidate(piece, stat, 'piece'));
  const inputs: FileInput[] = [];
  const looks: [Candidate, Look][] = [];
  for (const piece of ownFirst(pieces, known)) {
    const look = await lookAtRest(piece, resumption);
    looks.push([piece, look]);
    if (look.kind !== 'new') inputs.push(...taken(files.conclude(piece, look)));
  }
  for (const [piece, look] of unreadPieces(path, looks, known))
    inputs.push(...taken(files.conclude(piece, look)));
  return inputs;
}

/** The new ones that marks tell of, and those that came after all that marks tell of; oldest first. */
function unreadPieces(
  path: string,
  looks: readonly [Candidate, Look][],
  known: KnownInputs,
): [Candidate, Look][] {
  const isToldOf = ([{ stat }, look]: [Candidate, Look]) =>
    look.kind === 'known' ||
    look.kind === 'continues' ||
    (look.kind === 'new' && known.isUnread(stat.identity, look.prefix.head));
  const writtenLast = looks.filter(isToldOf).map(([{ stat }]) => stat.modifiedNs);
  const since = writtenLast.reduce((a, b) => (a > b ? a : b), -1n);
  const current = statOf(path)?.identity ?? '';
  const wasRotated = since >= 0 && !known.followedAs(current) && !known.isUnread(current);
  return looks
    .filter(([, look]) => look.kind === 'new')
    .filter((found) => isToldOf(found) || (wasRotated && found[0].stat.modifiedNs >= since))
    .sort(([a], [b]) => (a.stat.modifiedNs < b.stat.modifiedNs ? -1 : 1));
}

async function lookAtRest(piece: Candidate, { known, restMs }: Resumption): Promise<Look> {
  const look = await piece.look(known);
  if (look.kind !== 'wait') return look;
  await delay(restMs);
  return piece.look(known);
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
