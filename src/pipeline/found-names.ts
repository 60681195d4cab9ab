import type { Store, StoredInput } from '../core/store.ts';

/**
 * What inputs that were looked at are called now: a store tells places by these names, so an input should not go on with
 * one that is gone. One that is found under its name keeps it, whatever copies there are.
 */
export class FoundNames {
  /** By the digest of what they hold. */
  readonly #names = new Map<string, string[]>();

  add({ digest }: StoredInput, name: string): void {
    const names = this.#names.get(digest);
    if (names) names.push(name);
    else this.#names.set(digest, [name]);
  }

  /** Tells a store, of inputs that it has. */
  async tell(store: Store, known: readonly StoredInput[]): Promise<void> {
    const byDigest = Map.groupBy(known, ({ digest }) => digest);
    for (const [digest, names] of this.#names) {
      const same = byDigest.get(digest) ?? [];
      const taken = new Set(same.map(({ name }) => name));
      const free = names.filter((name) => !taken.has(name));
      for (const { id, name } of same)
        if (!names.includes(name)) await store.rename(id, free.shift() ?? names[0]!);
    }
  }
}
