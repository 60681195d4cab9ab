import type { StoredInput } from '../core/store.ts';

/** Compares inputs by their first time, then by what is in them: not by when they came. */
export function byRank(a: StoredInput, b: StoredInput): number {
  const [first, second] = [
    a.firstTime ?? Number.POSITIVE_INFINITY,
    b.firstTime ?? Number.POSITIVE_INFINITY,
  ];
  if (first !== second) return first < second ? -1 : 1;
  return a.digest < b.digest ? -1 : a.digest > b.digest ? 1 : a.id - b.id;
}
