import type { Keep } from '../../src/core/store.ts';
import { EVERY_FIELD } from './commits.ts';
import { commitsOfStore } from './store-suite-commits.ts';
import type { OpenedStore } from './store-suite-data.ts';
import { idsOfStore } from './store-suite-ids.ts';
import { inputsOfStore } from './store-suite-inputs.ts';
import { readersOfStore } from './store-suite-readers.ts';
import { streamsOfStore } from './store-suite-streams.ts';
import { withdrawalsOfStore } from './store-suite-withdrawals.ts';

/** What every kind of store does. */
export function storeSuite(open: (keep: Keep) => Promise<OpenedStore>): void {
  const opened = async (keep: Keep = 'events') => {
    const use = await open(keep);
    await use.store.addStream(EVERY_FIELD);
    return use;
  };
  streamsOfStore(opened);
  commitsOfStore(opened);
  inputsOfStore(opened);
  withdrawalsOfStore(opened);
  idsOfStore(opened);
  readersOfStore(opened);
}
