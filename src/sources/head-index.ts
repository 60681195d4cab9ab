import { HEAD_BYTES } from './prefix.ts';

/** Length of a whole head in hex. */
const WHOLE = 2 * HEAD_BYTES;

/** Finds what begins alike among much, by the first bytes in hex: all of them, or as many as there are. */
export class HeadIndex<Item> {
  readonly #byHead = new Map<string, Set<Item>>();
  /** How many heads there are of each length that is less than a whole one. */
  readonly #shorter = new Map<number, number>();

  add(head: string, item: Item): void {
    const items = this.#byHead.get(head);
    if (items) items.add(item);
    else {
      this.#byHead.set(head, new Set([item]));
      this.#count(head, 1);
    }
  }

  delete(head: string, item: Item): void {
    const items = this.#byHead.get(head);
    if (!items?.delete(item) || items.size > 0) return;
    this.#byHead.delete(head);
    this.#count(head, -1);
  }

  /** Everything whose head begins as this one does, or is how this one begins. */
  alike(head: string): Item[] {
    const heads = [...this.#shorter.keys()].filter((length) => length < head.length);
    const found = heads.flatMap((length) => this.#at(head.slice(0, length)));
    if (head.length === WHOLE) return [...found, ...this.#at(head)];
    for (const [other, items] of this.#byHead) if (other.startsWith(head)) found.push(...items);
    return found;
  }

  #at(head: string): Item[] {
    return [...(this.#byHead.get(head) ?? [])];
  }

  #count({ length }: string, change: number): void {
    if (length === WHOLE) return;
    const count = (this.#shorter.get(length) ?? 0) + change;
    if (count > 0) this.#shorter.set(length, count);
    else this.#shorter.delete(length);
  }
}
