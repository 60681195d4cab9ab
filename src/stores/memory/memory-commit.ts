import {
  type Commit,
  type Committed,
  ConflictingCommit,
  type Keep,
  readingOf,
  type Stream,
} from '../../core/store.ts';
import { asPlainData } from '../plain-data.ts';
import { notWithdrawn, overtaken } from '../refusals.ts';
import { readEvents } from './memory-events.ts';
import { idsIn, sifted, withFreed } from './memory-ids.ts';
import type { MemoryInput, MemorySegment } from './memory-input.ts';
import { freedBetween, type MemoryInputs, withoutInput } from './memory-withdrawal.ts';

/** Where something is committed to. */
export interface CommitSetting {
  readonly keep: Keep;
  readonly stream: Stream;
  readonly nextId: () => number;
}

/**
 * The inputs with what a commit brings.
 *
 * @throws ConflictingCommit, DaybookError `STORE_UNUSABLE` or `USAGE`
 */
export function withCommit(
  before: MemoryInputs,
  commit: Commit,
  { keep, stream, nextId }: CommitSetting,
): { inputs: MemoryInputs; committed: Committed } {
  const { name, from, replaces = [], reading = readingOf(stream), isReplacing = false } = commit;
  if (reading !== readingOf(stream)) throw overtaken(name);
  let inputs = before;
  let kept: ReadonlySet<string> = new Set();
  for (const replaced of replaces) {
    if (!inputs.has(replaced)) throw overtaken(name);
    const { left, freed } = withoutInput(inputs, replaced, { keep, stream });
    inputs = left;
    kept = freed.union(kept);
  }
  const input =
    commit.input === undefined ? begun(before, commit, nextId()) : inputs.get(commit.input);
  if (input === undefined) throw overtaken(name);
  const settled = input.segments.filter(({ isRest }) => !isRest);
  if (settled.length < input.segments.length && keep === 'rollups') throw notWithdrawn();
  if ((settled.at(-1)?.to ?? 0) !== from) throw overtaken(name);
  const withoutRest = new Map(inputs).set(input.id, { ...input, segments: settled });
  const freed = freedBetween(inputs, withoutRest, stream.name);
  const { segment, fates } = segmentOf(commit, stream, nextId(), withoutRest);
  const { counted, duplicate, conflict } = segment;
  const after = new Map(withoutRest).set(input.id, {
    ...{ ...input, name, decoder: asPlainData(commit.decoder), segments: [...settled, segment] },
    freed: isReplacing ? kept.union(input.freed) : input.freed,
  });
  return {
    inputs: withFreed(after, stream.name, isReplacing ? freed : freed.union(kept)),
    committed: { input: input.id, counted, duplicate, conflict, ...(fates && { fates }) },
  };
}

function begun(inputs: MemoryInputs, commit: Commit, id: number): MemoryInput {
  const { stream, name, head, isUnfinished = false, latest = Infinity } = commit;
  if ([...inputs.values()].some((other) => other.stream === stream && other.id > latest))
    throw overtaken(name);
  const described = { id, stream, name, head, isUnfinished, decoder: undefined };
  return { ...described, segments: [], freed: new Set() };
}

/** @throws ConflictingCommit */
function segmentOf(
  commit: Commit,
  { name, fields }: Stream,
  id: number,
  inputs: MemoryInputs,
): { segment: MemorySegment; fates: Uint8Array | undefined } {
  const { from, to, lines, blank, digest, isRest } = commit;
  const given = readEvents(commit.events, commit.untimed);
  const { events, uncounted, duplicate, conflicts, fates } = sifted(given, idsIn(inputs, name));
  if (commit.isWhole && conflicts.length > 0) throw new ConflictingCommit(fates);
  const books = { counted: events.length, duplicate, conflict: conflicts.length };
  const segment = {
    ...{ id, from, to, lines, blank, ...books, fields, events, digest, isRest },
    ...{ uncounted, gone: [], erased: [] },
    rejected: Object.fromEntries(commit.rejected),
    rejects: [...commit.rejects, ...conflicts]
      .map((reject) => ({ ...reject }))
      .sort((a, b) => a.offset - b.offset),
  };
  return { segment, fates: events.length < given.length ? fates : undefined };
}
