import { POSTED } from '../config/posted-stream.ts';
import type { SourceSettings } from '../config/source-schema.ts';
import type { ReadPosted } from '../core/posted-events.ts';
import type { Keep, Store, Stream } from '../core/store.ts';
import { readPosted } from '../decoders/posted-events.ts';
import { type OpenedIngest, openSources, openStoreForWriting } from './open-ingest.ts';
import type { LogSettings } from './open-log.ts';

/** Where events that are posted go, in plain data. */
export interface PostingWords {
  /** File of the store. */
  readonly path: string;
  readonly keep: Keep;
  /** Sources that are followed, too, by name. */
  readonly sources?: readonly (readonly [string, SourceSettings])[] | undefined;
  /** What is noted, which must be no input. */
  readonly log?: LogSettings | undefined;
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
export async function openPosting(words: PostingWords): Promise<OpenedPosting> {
  const { path, keep, sources = [], log } = words;
  return {
    sources: await openSources(sources, { follow: true }, log),
    store: await openStoreForWriting({ path, keep }),
    stream: POSTED,
    read: readPosted,
  };
}
