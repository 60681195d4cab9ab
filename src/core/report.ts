import type { Books } from './books.ts';
import type { EventBatch } from './event-batch.ts';
import type { JobSpec } from './job.ts';
import type { Input } from './source.ts';
import type { Table } from './table.ts';

/** A report over logs: what to count, and how its table comes from that. */
export interface Report<Result> {
  readonly job: JobSpec;
  readonly inputs: readonly Input[];
  /** Whether `table` wants every event in order of time, with its place, besides the result. */
  readonly needsEvents: boolean;
  /** How many records the result counts, and how many it leaves out. */
  counts(result: Result): { counted: number; filtered: number };
  table(result: Result, found: Findings): Promise<Table>;
}

/** What a run found besides the result. */
export interface Findings {
  readonly books: Books;
  /** Whether the records stood in order of time. */
  readonly inOrder: boolean;
  /** Every event in order of time; can be read once, before the report is closed. */
  readonly events: EventStream;
}

export type EventStream = AsyncIterable<EventBatch> | Iterable<EventBatch>;
