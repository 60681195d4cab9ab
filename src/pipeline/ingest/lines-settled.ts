import type { Store, StoredInput } from '../../core/store.ts';

/** How many lines of an input stand in front of a last record that had no end, which may span some. */
export async function linesSettled(
  store: Store,
  { id, lines, position, settled }: StoredInput,
): Promise<number> {
  if (position === settled.position) return lines;
  const rest = (await store.segments(id)).at(-1)!;
  return lines - rest.lines;
}
