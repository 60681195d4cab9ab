/** At least one item. */
export type Stretch<Item> = [Item, ...Item[]];

/** Cuts items into stretches of those that are alike and stand one behind the other. */
export function* stretches<Item>(
  items: readonly Item[],
  alike: (one: Item, other: Item) => boolean,
): Generator<Stretch<Item>> {
  for (let from = 0, to = 0; from < items.length; from = to) {
    while (to < items.length && alike(items[from]!, items[to]!)) to++;
    yield items.slice(from, to) as Stretch<Item>;
  }
}
