import type { RunInput } from './run-history.ts';
import type { Parameter, Table } from './table.ts';

/** A report whose databases were asked, and that is to be closed. */
export interface OpenedReport {
  /** What shaped it. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** Its rows come as they are taken; notes and books are final when they were. */
  readonly table: Table;
  /** What was read, which is known when the rows were taken. */
  inputs(): readonly RunInput[];
  /** Lets go of the databases, in whatever state. */
  close(): Promise<void>;
}
