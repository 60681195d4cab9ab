import { createHash } from 'node:crypto';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { ByteReader } from '../core/source.ts';
import { FileInput } from './file-input.ts';
import type { KnownInputs, PastInput } from './known-inputs.ts';
import { HEAD_BYTES, lineEndsIn, Prefix } from './prefix.ts';
import { type Finding, PastRival, type Rival, rivalOf } from './rival.ts';

const PIECE_BYTES = 256 << 10;
/** So many first bytes are looked at before all others: what is known of inputs by a digest only is of no more. */
const START_BYTES = 4 << 10;
/** What is being copied has so many bytes by then. */
const START_MS = 1000;
/** How often to let others read while much is examined. */
const PIECES_PER_TURN = 16;

type Reader = Pick<ByteReader, 'read'>;

/** What a file is. */
export type Verdict =
  /** What it holds was not read before. `prefix` is what was seen of it. */
  { readonly kind: 'new'; readonly prefix: Prefix } | Exclude<Finding, { kind: 'differs' }>;

/** How a file is looked at. */
export interface Examination {
  readonly identity: string;
  /** When it was found, ms as of `performance.now()`. */
  readonly foundAt: number;
  readonly reader: Reader;
  /** Whether all of it is to be read, to see that it is sound. */
  readonly toItsEnd: boolean;
  /** Whether it has not been changed for a while, and so is not being copied just now. */
  readonly isAtRest: boolean;
}

/** Finds whether a file holds what was read before, by comparing its content with all known inputs. */
export async function examine(known: KnownInputs, file: Examination): Promise<Verdict> {
  const { reader, toItsEnd, isAtRest } = file;
  const prefix = new Prefix();
  const begin = new Uint8Array(START_BYTES);
  let piece: Uint8Array = begin.subarray(0, await fill(reader, begin));
  const rivals = rivalsOf(known, piece, file.foundAt);
  let open: Rival[] = rivals;
  let room: Uint8Array | undefined;
  for (let pieces = 1; piece.length > 0; pieces++) {
    open = open.filter((rival) => rival.see(prefix.position, piece));
    takeInSteps(prefix, piece, rivals);
    if (open.length === 0 && !toItsEnd) break;
    if (pieces % PIECES_PER_TURN === 0) await eventLoopTurn();
    room ??= Buffer.allocUnsafe(PIECE_BYTES);
    piece = room.subarray(0, await reader.read(room));
  }
  const findings = rivals.map((rival) => rival.find(prefix, isAtRest));
  return chosen(findings, file.identity) ?? { kind: 'new', prefix };
}

/** Reads all there is. */
export async function prefixOf(reader: Reader): Promise<Prefix> {
  const prefix = new Prefix();
  const bytes = new Uint8Array(PIECE_BYTES);
  for (let pieces = 1; ; pieces++) {
    if (pieces % PIECES_PER_TURN === 0) await eventLoopTurn();
    const length = await reader.read(bytes);
    if (length === 0) return prefix;
    take(prefix, bytes.subarray(0, length));
  }
}

async function fill(reader: Reader, into: Uint8Array): Promise<number> {
  let filled = 0;
  for (let count = -1; count !== 0 && filled < into.length; filled += count)
    count = await reader.read(into.subarray(filled));
  return filled;
}

function rivalsOf(known: KnownInputs, begin: Uint8Array, foundAt: number): Rival[] {
  const head = Buffer.from(begin.subarray(0, HEAD_BYTES)).toString('hex');
  const { past, current } = known.alike(head, foundAt);
  const isAlike = startTest(begin, foundAt);
  const rivals = [
    ...past.filter(isAlike).map((input) => new PastRival(input)),
    ...current.map(rivalOf),
  ];
  return rivals.sort((a, b) => a.position - b.position);
}

/** Tells whether a file may begin as an input does of whose first bytes only a digest is known. */
function startTest(begin: Uint8Array, foundAt: number): (input: PastInput) => boolean {
  const digests = new Map<number, string>(); // most are of as many bytes
  return ({ mark: { start } }) => {
    if (start === undefined) return true;
    if (start.bytes > begin.length) return performance.now() - foundAt < START_MS;
    const digest =
      digests.get(start.bytes) ??
      createHash('sha256').update(begin.subarray(0, start.bytes)).digest('hex');
    digests.set(start.bytes, digest);
    return digest === start.digest;
  };
}

/** Takes bytes, and stops wherever there is a position to compare at. */
function takeInSteps(prefix: Prefix, bytes: Uint8Array, rivals: readonly Rival[]): void {
  const begin = prefix.position;
  const end = begin + bytes.length;
  for (const rival of rivals) {
    if (rival.position <= begin || rival.position > end) continue;
    take(prefix, bytes.subarray(prefix.position - begin, rival.position - begin));
    rival.reach(prefix);
  }
  take(prefix, bytes.subarray(prefix.position - begin));
}

function take(prefix: Prefix, bytes: Uint8Array): void {
  prefix.take(bytes, lineEndsIn(bytes));
}

/** What holds most of what was read counts; the file that it was read from before all. */
function chosen(findings: readonly Finding[], identity: string): Verdict | undefined {
  const matches = findings.filter((finding) => 'of' in finding);
  const own = matches.filter(({ of }) => isUnclaimed(of) && of.mark.identity === identity);
  const best = (own.length > 0 ? own : matches).toSorted(
    (a, b) =>
      b.prefix.position - a.prefix.position ||
      Number(isUnclaimed(b.of)) - Number(isUnclaimed(a.of)),
  )[0];
  if (own.length === 0 && findings.some(({ kind }) => kind === 'wait')) return { kind: 'wait' };
  return best;
}

/** Whether it was followed before and its file was not found yet. */
export function isUnclaimed(input: PastInput | FileInput): input is PastInput {
  return !(input instanceof FileInput) && !input.mark.ended;
}
