import type { EventBatch } from './event-batch.ts';
import type { JobSpec } from './job.ts';
import type { Column, ColumnKind, Row, Table } from './table.ts';
import type { TimeRange } from './time-range.ts';
import type { Window, WindowSpec } from './windows.ts';

/** The columns of a window, in front of those of its report. */
export function windowColumns(kind: ColumnKind = 'instant'): Column[] {
  return [
    { name: 'window_start', kind },
    { name: 'window_end', kind },
    { name: 'state', kind: 'text' },
  ];
}

/** Counts events window by window. */
export interface WindowCounter {
  /**
   * Adds events that are all in one window which is not final, in the order in which they were read.
   *
   * @returns How many of them count; the others are of somebody who was not asked for.
   */
  add(window: Window, batch: EventBatch): number;
  /** Says that no event in front of this instant will come any more, ms since the epoch. */
  advance(watermark: number): void;
  /**
   * What is counted of a window so far.
   *
   * @param before - The windows in front of it that are not closed, in order of time.
   */
  rows(window: Window, before: readonly Window[]): Row[];
  /**
   * The rows of a window that is final, in order of time; then it is forgotten.
   *
   * @param count - How many windows this one stands for, if nothing was counted of them.
   */
  close(window: Window, count?: number): Row[];
  /** What was counted, as plain data with typed arrays, for a checkpoint. */
  save(): unknown;
}

/** A report window by window: what to count, and how it looks. */
export interface WindowedReport {
  readonly job: JobSpec;
  /** The report without rows; its first columns are those of the window. */
  readonly head: Pick<Table, 'report' | 'parameters' | 'columns' | 'zone'>;
  readonly windows: WindowSpec;
  /** Windows outside are not reported. */
  readonly range: TimeRange;
  /** Whether records outside of the range are counted all the same, since others depend on them. */
  readonly needsAll: boolean;
  /** How late a record may come, ms. */
  readonly maxDisorderMs: number;
  /** How far ahead a single record may lie without being confirmed by the next, ms. */
  readonly maxJumpMs: number;
  /** Opens a counter, with what an earlier one saved. */
  counter(saved?: unknown): WindowCounter;
}
