import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Store, StoredInput } from '../../core/store.ts';

/**
 * What inputs that were looked at are called now: a store tells places by these names, so an input should not go on with
 * one that is gone. One whose name is still there keeps it, whatever copies there are, unless something else was found
 * under it: what is read under its name later may be what it was, and was changed.
 */
export class FoundNames {
  /** By the digest of what they hold. */
  readonly #names = new Map<string, string[]>();
  readonly #read = new Set<string>();
  readonly #unreadable = new Set<string>();

  /** Takes note that what has a name cannot be read, or not to its end. */
  addFailed(name: string): void {
    this.#unreadable.add(resolve(name));
  }

  /** @param found - What a store has of it; nothing where it is empty. */
  add(name: string, found: StoredInput | undefined): void {
    this.#read.add(resolve(name));
    if (found === undefined) return;
    const { digest } = found;
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
        if (!names.includes(name) && this.#isGone(name))
          await store.rename(id, free.shift() ?? names[0]!);
    }
  }

  /** Whether a name does not stand for what it stood for. */
  #isGone(name: string): boolean {
    const path = resolve(name);
    return this.#read.has(path) || !(this.#unreadable.has(path) || existsSync(path));
  }
}
