import type { ReadPosted } from '../core/posted-events.ts';
import type { Keep, Store, Stream } from '../core/store.ts';
import { readPosted } from '../decoders/posted-events.ts';
import { readConfiguration } from './configuration.ts';
import { type OpenedIngest, openIngest, openStoreForWriting } from './open-ingest.ts';
import { POSTED } from './posted-stream.ts';

/** Where events that are posted go, in plain words. */
export interface PostingWords {
  /** File of the store. */
  readonly path: string;
  readonly keep: Keep;
  /** A configuration whose sources are followed, too. */
  readonly config?: string | undefined;
}

/** A store, what is put into it, and how that is read. */
export interface OpenedPosting {
  readonly store: Store;
  readonly stream: Stream;
  readonly read: ReadPosted;
  /** Sources that grow. */
  readonly sources: OpenedIngest['sources'];
}

/**
 * Opens what takes events that are posted, and the sources that are followed beside.
 *
 * @throws DaybookError `USAGE`, `SOURCE_UNREADABLE` or `STORE_UNUSABLE`
 */
export async function openPosting({ path, keep, config }: PostingWords): Promise<OpenedPosting> {
  const configured =
    config === undefined ? undefined : await readConfiguration(config, process.env);
  const { sources } =
    configured === undefined || configured.sources.size === 0
      ? { sources: [] }
      : await openIngest({ config, store: path, follow: true }, process.env);
  return {
    store: await openStoreForWriting({ path, keep }),
    stream: POSTED,
    read: readPosted,
    sources,
  };
}
