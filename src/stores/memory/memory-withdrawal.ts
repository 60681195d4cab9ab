import type { Keep, Stream } from '../../core/store.ts';
import { notWithdrawn, notWithdrawnBefore, notWithdrawnErased } from '../refusals.ts';
import { idsIn } from './memory-ids.ts';
import { type MemoryInput, timesIn } from './memory-input.ts';

/** Inputs by their ids. */
export type MemoryInputs = ReadonlyMap<number, MemoryInput>;

/**
 * The inputs without one of a stream, and the ids that count no more and that others have, too.
 *
 * @throws DaybookError `USAGE` - It cannot be withdrawn, since events are not kept any more.
 */
export function withoutInput(
  inputs: MemoryInputs,
  id: number,
  { keep, stream }: { readonly keep: Keep; readonly stream: Stream },
): { left: MemoryInputs; freed: Set<string> } {
  const { segments, freed } = inputs.get(id)!;
  const { goneBefore = -Infinity } = stream;
  if (segments.length > 0 && keep === 'rollups') throw notWithdrawn();
  if (segments.flatMap(timesIn).some((time) => time < goneBefore))
    throw notWithdrawnBefore(goneBefore);
  if (segments.some(({ erased }) => erased.length > 0)) throw notWithdrawnErased();
  const left = new Map(inputs);
  left.delete(id);
  return { left, freed: freedBetween(inputs, left, stream.name).union(freed) };
}

/** The ids of a stream that count no more in what is left, and that others have, too. */
export function freedBetween(
  before: MemoryInputs,
  left: MemoryInputs,
  stream: string,
): Set<string> {
  const gone = new Set(idsIn(before, stream).keys()).difference(idsIn(left, stream));
  const own = [...left.values()].filter((input) => input.stream === stream);
  const uncounted = own.flatMap(({ segments }) => segments.flatMap((one) => one.uncounted));
  return gone.intersection(new Set(uncounted.map(({ id }) => id)));
}
