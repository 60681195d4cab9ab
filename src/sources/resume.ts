import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Candidate, Look } from './candidate.ts';
import type { FileInput } from './file-input.ts';
import { statOf } from './file-stat.ts';
import type { KnownInputs } from './known-inputs.ts';
import type { NewFiles } from './new-files.ts';
import { processedIn } from './put-away.ts';
import { type FoundFile, filesIn, siblingsOf } from './watched-words.ts';

/** So many files that are gone are named. */
const MOST_TOLD = 5;

/** What is needed to go on where marks say. */
export interface Resumption {
  readonly files: NewFiles;
  readonly known: KnownInputs;
  /** The single files that are followed: pieces of them may stand beside them. */
  readonly paths: readonly string[];
  /** Folders that are followed: files of them may have been put away. */
  readonly folders: readonly string[];
  readonly restMs: number;
}

/**
 * Finds the files that marks tell of, also where they were rotated to since.
 *
 * @returns The inputs that go on, then the pieces that came after them, oldest first, then the others.
 */
export async function resume(resumption: Resumption): Promise<FileInput[]> {
  const { files, known, paths, folders } = resumption;
  const inputs: FileInput[] = [];
  const looks = new Map<Candidate, Look>();
  for (const candidate of ownFirst(files.candidates, known)) {
    const look = await candidate.look(known);
    if (look.kind === 'continues') inputs.push(...taken(files.conclude(candidate, look)));
    else looks.set(candidate, look);
  }
  for (const path of paths) inputs.push(...(await rotatedPieces(path, resumption)));
  for (const folder of folders) inputs.push(...(await putAwayPieces(folder, resumption)));
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
  const inputs: FileInput[] = [];
  const looks: [Candidate, Look][] = [];
  for (const piece of pieces(siblingsOf(path), resumption)) {
    const look = await lookAtRest(piece, resumption);
    looks.push([piece, look]);
    if (look.kind !== 'new') inputs.push(...taken(files.conclude(piece, look)));
  }
  for (const [piece, look] of unreadPieces(path, looks, known))
    inputs.push(...taken(files.conclude(piece, look)));
  return inputs;
}

/** Files that were moved after the marks were saved, and before the process ended. */
async function putAwayPieces(folder: string, resumption: Resumption): Promise<FileInput[]> {
  const { files, known } = resumption;
  const inputs: FileInput[] = [];
  for (const piece of pieces(filesIn(processedIn(folder)), resumption)) {
    if (known.tellsOf(piece.stat.identity))
      inputs.push(...taken(files.conclude(piece, await lookAtRest(piece, resumption))));
  }
  return inputs;
}

function pieces(found: readonly FoundFile[], { files, known }: Resumption): Candidate[] {
  const named = new Set(files.candidates.map(({ stat }) => stat.identity));
  const others = found.filter(
    ({ stat: { identity } }) => !named.has(identity) && !known.followedAs(identity),
  );
  const candidates = others.map(({ path, stat }) => files.candidate(path, stat, 'piece'));
  return ownFirst(candidates, known);
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

/** Files that marks tell of by their device and inode before the others. */
function ownFirst(candidates: Candidate[], known: KnownInputs): Candidate[] {
  const order = ({ stat }: Candidate) => (known.tellsOf(stat.identity) ? 0 : 1);
  return candidates.filter(({ stat }) => stat.sizeBytes > 0).sort((a, b) => order(a) - order(b));
}

/** Says whose files are not there, once all that are there were looked at. */
export function tellLost(
  { files, known }: Pick<Resumption, 'files' | 'known'>,
  onNote: (message: string) => void,
): void {
  if (known.unclaimed.length === 0 || files.candidates.some(({ stat }) => stat.sizeBytes > 0))
    return;
  // What is in a folder that is gone comes back with it.
  const lost = known.unclaimed.filter(({ mark: { name } }) => existsSync(dirname(name)));
  for (const past of lost) known.giveUp(past);
  for (const { mark } of lost.slice(0, MOST_TOLD)) {
    onNote(
      `${mark.name} as it was read before (${mark.position} bytes) is gone; what was added to it since is missing`,
    );
  }
  if (lost.length > MOST_TOLD) onNote(`so are ${lost.length - MOST_TOLD} other files`);
}

function taken(input: FileInput | undefined): FileInput[] {
  return input ? [input] : [];
}
