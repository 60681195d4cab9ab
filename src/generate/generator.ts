import type { Random } from './random.ts';

/** One kind of log to generate. */
export interface Generator {
  readonly extension: 'log' | 'csv';
  /** How many names it draws from, unless told. */
  readonly names: number;
  readonly separator: ' ' | ',';
  /** Which field is the time. */
  readonly timeField: number;
  /** @param random - For the names; `draw` gets another. */
  open(random: Random, names: number): RecordWriter;
}

/** Draws records and writes them as lines. */
export interface RecordWriter {
  /**
   * Draws the next record in order of time: all of it but its time.
   *
   * @param record - Filled in at `at`.
   */
  draw(random: Random, record: DrawnRecords, at: number): void;
  /** Writes a record without its newline. Returns where it ends. */
  put(bytes: Uint8Array, at: number, record: DrawnRecords, from: number): number;
}

/** Columns of drawn records; what `first` and `second` are is each kind's own. */
export interface DrawnRecords {
  /** ms since the epoch, UTC, not negative. */
  readonly time: Float64Array;
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}
