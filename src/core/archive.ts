import type { Readable } from 'node:stream';

/** A finished report in a temporary file. */
export interface RenderedReport {
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of its bytes in hex. */
  readonly digest: string;
  readonly mediaType: string;
}

/** What stands under a key. */
export interface ArchivedReport {
  /** SHA-256 of its bytes in hex. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** A report that is being read. */
export interface ReadReport extends ArchivedReport {
  /** To be read to its end, or destroyed. */
  readonly bytes: Readable;
}

/** How to put a report. */
export interface PutOptions {
  /** Id of the run that made it: what it leaves half done is found by it. */
  readonly run: string;
  /** Put it also where other content stands. */
  readonly overwrite: boolean;
  /**
   * Remembers what has to be cleared away if this process ends here, such as the id of an upload. It is called, and waited
   * for, before there is any such thing.
   */
  readonly onDraft: (draft: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** How to look at what stands under a key. */
export interface FindOptions {
  /** Read its bytes, whatever is told of them. */
  readonly read?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Where runs of a report leave their files, each under a key: a bucket, a folder. */
export interface Archive {
  /** What stands under a key; undefined where there is nothing. */
  find(key: string, options?: FindOptions): Promise<ArchivedReport | undefined>;
  /**
   * What stands under a key, and its bytes; undefined where there is nothing. The digest may be what was told of the
   * bytes when they were put: who needs to know looks at them.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`, or `INTERRUPTED`; also while bytes are taken.
   */
  read(key: string, signal?: AbortSignal): Promise<ReadReport | undefined>;
  /**
   * Puts a report under a key, whole or not at all.
   *
   * @returns `unchanged` where the same content stands there.
   * @throws DaybookError `DESTINATION_UNWRITABLE` - Also where other content stands there that is not to be overwritten.
   */
  put(report: RenderedReport, key: string, options: PutOptions): Promise<'written' | 'unchanged'>;
  /**
   * Clears away what a run left half done, if it is there; never what a report needs that is whole.
   *
   * @throws DaybookError `DESTINATION_UNWRITABLE`, or `INTERRUPTED`; then some of it may be there still.
   */
  clear(draft: string, signal?: AbortSignal): Promise<void>;
  /** Loads what drives it, where that takes long, so that nobody waits for it later; never fails. */
  prepare?(): void;
  /** What people call the place of a key: `s3://bucket/key`, a path. */
  locationOf(key: string): string;
  close(): Promise<void>;
}
