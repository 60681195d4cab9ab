import type { Books } from './books.ts';
import type { EventBatch } from './event-batch.ts';
import type { RunField } from './event-list.ts';
import type { JobSpec } from './job.ts';
import type { LiveInputs } from './live-source.ts';
import type { Reject } from './rejects.ts';
import type { Input } from './source.ts';
import type { Table } from './table.ts';
import type { WindowedReport } from './windowed-report.ts';

/** A report over logs: what to count, and how its table comes from that. */
export interface Report<Result> {
  readonly job: JobSpec;
  readonly inputs: readonly Input[];
  /** Whether `table` wants every event in order of time, with its place, besides the result. */
  readonly needsEvents: boolean;
  /** The columns of these events, besides those that all events have. */
  readonly fields: readonly RunField[];
  /**
   * Which log each input is of, by rank, if there are several: from 0, those of one log side by side. Then events come
   * log by log.
   */
  readonly logs?: readonly number[] | undefined;
  /**
   * Reading may stop where records are of this time, ms since the epoch: on logs that are out of order by no
   * more than is allowed, none behind them can be of interest.
   */
  readonly readUntil?: number;
  /** The result and the books at once, where inputs need not be gone over for them; undefined where they must be. */
  readonly answer?: (() => Promise<Answer<Result> | undefined>) | undefined;
  /** How many records the result counts, and how many it leaves out. */
  counts(result: Result): { counted: number; filtered: number };
  table(result: Result, found: Findings): Promise<Table>;
  /** The report window by window as records come, instead of this one. */
  readonly windowed?: WindowedReport | undefined;
  /** The inputs of such a report, where they may grow. */
  readonly live?: LiveInputs | undefined;
  /**
   * The same of finished inputs, where windows depend on what comes behind them: events come in order of time,
   * after all were counted.
   */
  readonly windowedBehind?: ((result: Result) => WindowedReport) | undefined;
}

/** A report's result, with the books. */
export interface Answer<Result> {
  readonly result: Result;
  readonly books: Books;
  /** The records that were refused, as far as they are kept, in the order of the log. */
  rejects(): AsyncIterable<readonly Reject[]>;
}

/** What a run found besides the result. */
export interface Findings {
  readonly books: Books;
  /** Whether the records stood in order of time. */
  readonly inOrder: boolean;
  /**
   * Every event in order of time, equal times in that of the log; where an aggregation says which events count, only
   * those. Can be read once, before the report is closed.
   */
  readonly events: EventStream;
}

export type EventStream = AsyncIterable<EventBatch> | Iterable<EventBatch>;
