import type { StoredSegment } from './store.ts';

/** One file or stream of records, as books, explanations and rejects name it. Plain data. */
export interface Input {
  /** As the user gave it; `-` for standard input. */
  readonly name: string;
  /** The kind of source that opens it. */
  readonly source: string;
  /** Length in bytes, undefined where only the end tells. */
  readonly sizeBytes?: number;
  readonly encoding: 'plain' | 'gzip' | 'zstd' | 'unknown';
  /** Tells the file from another that takes its name between two readings, where that can be told. */
  readonly identity?: string;
  /** Whether it can be read from any byte on. */
  readonly splittable: boolean;
  /** Whether it can be read a second time. */
  readonly replayable: boolean;
  /** Where a store has its events: then these are read, and not bytes. */
  readonly stored?: readonly StoredSegment[] | undefined;
}

/** Reads one input's bytes in order, decompressed. */
export interface ByteReader {
  /**
   * Fills `into` from its front.
   *
   * @returns How many bytes were read, 0 at the end.
   * @throws DaybookError `SOURCE_UNREADABLE`
   */
  read(into: Uint8Array): number | Promise<number>;
  /** Bytes taken from the input so far, as it is stored; for progress. */
  readonly consumedBytes: number;
  close(): void;
}

/** Where records come from. */
export interface Source {
  readonly summary: string;
  /**
   * Finds the inputs that a user's words name, in order.
   *
   * @throws DaybookError `SOURCE_UNREADABLE`
   */
  inputs(words: readonly string[]): Promise<Input[]>;
  /** Opens an input at a byte; other than 0 only where it is splittable. The first read does the I/O. */
  open(input: Input, at: number): ByteReader;
}
