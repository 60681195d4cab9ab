import { CONFIGURATION_FILE, readConfiguration } from '../config/configuration.ts';
import { DaybookError } from '../core/errors.ts';
import type { Input } from '../core/source.ts';
import type { Store } from '../core/store.ts';
import type { Table } from '../core/table.ts';
import { type RejectPage, type RejectPageQuery, rejectPage } from '../reports/reject-page.ts';
import { storedRejects } from '../reports/stored-rejects.ts';
import { type SourceReading, sourceReading, sourcesNamed } from './open-ingest.ts';
import { openStore, openStoreForChange } from './open-inputs.ts';
import { inputsOf } from './range-request.ts';
import { refuseOtherReading } from './reading-change.ts';
import { type StoreWords, storePathOf } from './store-path.ts';

/** Which rejects are meant, in a user's words. */
export interface RejectWords extends StoreWords {
  readonly source?: string | undefined;
  readonly reasons?: readonly string[] | undefined;
}

/**
 * Lists the rejects of a store.
 *
 * @param use - Gets the table. Its rows must be read before the promise that it returns settles.
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function listRejects(
  words: RejectWords,
  use: (table: Table) => Promise<void>,
): Promise<void> {
  const store = await openStore(await storePathOf(words));
  try {
    await use(await storedRejects(store, words));
  } finally {
    await store.close();
  }
}

/**
 * A page of the same; undefined where the input of the place behind which it begins is there no more.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function listRejectPage(
  words: RejectWords,
  page: RejectPageQuery,
): Promise<RejectPage | undefined> {
  const store = await openStore(await storePathOf(words));
  try {
    return await rejectPage(store, words, page);
  } finally {
    await store.close();
  }
}

/** A source whose rejects can be decoded anew. */
interface ReplayedSource extends SourceReading {
  /** The file that was read under a name, if there is one. */
  inputNamed(name: string): Promise<Input | undefined>;
}

/** A store, and the sources of the configuration that are in it. */
export interface OpenedReplay {
  readonly store: Store;
  readonly sources: readonly ReplayedSource[];
}

/**
 * Opens a store to decode its rejects with the present settings of their sources.
 *
 * @throws DaybookError `STORE_UNUSABLE`, or `USAGE` where with these settings also what is counted would be read in
 *   another way.
 */
export async function openReplay(
  { config = CONFIGURATION_FILE, store: path, source }: RejectWords,
  env: NodeJS.ProcessEnv,
): Promise<OpenedReplay> {
  const configuration = await readConfiguration(config, env);
  const asked = sourcesNamed(configuration, source === undefined ? [] : [source]);
  const store = await openStoreForChange(path ?? configuration.store.path);
  try {
    const streams = new Map((await store.streams()).map((stream) => [stream.name, stream]));
    const sources: ReplayedSource[] = [];
    for (const [name, settings] of asked) {
      const there = streams.get(name);
      if (there === undefined) continue; // It was not ingested yet.
      const reading = sourceReading(name, settings);
      const counted = (await store.inputs(name)).reduce((sum, input) => sum + input.counted, 0);
      refuseOtherReading(there, reading.stream, counted);
      sources.push({ ...reading, inputNamed });
    }
    return { store, sources };
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function inputNamed(name: string): Promise<Input | undefined> {
  try {
    const inputs = await inputsOf([name]);
    return inputs.find((input) => input.name === name && input.source === 'file');
  } catch (error) {
    if (error instanceof DaybookError && error.code === 'SOURCE_UNREADABLE') return undefined;
    throw error;
  }
}
