import { DaybookError } from '../core/errors.ts';
import { MINUTE, parseInstant, parseZone } from '../core/time.ts';
import { openStore, openStoreForChange } from './open-inputs.ts';
import { type StoreWords, storePathOf } from './store-path.ts';

/** What to forget, in a user's words. */
export interface PruneWords extends StoreWords {
  /** The first instant that is kept. */
  readonly before: string;
  /** Zone of a time that names none. */
  readonly tz?: string | undefined;
  /** Change nothing, only say what would be forgotten. */
  readonly dryRun?: boolean | undefined;
}

/** What was forgotten, or would be. */
export interface Pruned {
  /** Ms since the epoch: the start of the minute that was asked for. */
  readonly before: number;
  readonly zone: string;
  /** Events by source. */
  readonly events: ReadonlyMap<string, number>;
}

/**
 * Forgets the events of a store before an instant; counts by minute and ids stay.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function pruneStore(words: PruneWords): Promise<Pruned> {
  const { tz, dryRun = false } = words;
  const zone = parseZone(tz ?? 'UTC');
  const instant = parseInstant(words.before, { zone: tz, unit: 'ms' });
  // Minutes are what is left, so a minute is forgotten as a whole or not at all.
  const before = Math.floor(instant / MINUTE) * MINUTE;
  const path = await storePathOf(words);
  const store = await (dryRun ? openStore(path) : openStoreForChange(path));
  try {
    if (store.keep === 'rollups')
      throw new DaybookError('USAGE', `${path} keeps rollups only: it has no events to forget`);
    const events = new Map<string, number>();
    for (const { name } of await store.streams())
      events.set(name, await store.prune(name, before, dryRun));
    return { before, zone, events };
  } finally {
    await store.close();
  }
}
