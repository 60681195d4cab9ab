import type { Note, Parameter } from './table.ts';

/**
 * How far a run is.
 *
 * - `running`: begun, and not ended by its process (yet)
 * - `done`: the report was written
 * - `unchanged`: the same content stood there before
 * - `failed`: nothing was written; `error` says why
 * - `missed`: was due while nothing ran, and is not caught up
 */
export type RunState = 'running' | 'done' | 'unchanged' | 'failed' | 'missed';

/** What a run read: enough to tell whether the same would be read again. */
export interface RunInput {
  /** `database platform, table mindtickle_users`, without anything secret. */
  readonly name: string;
  /** Rows that were taken from it. */
  readonly rows: number;
  /** SHA-256 in hex of these rows, in the order in which they came. */
  readonly digest: string;
}

/** A run of a report. */
export interface Run {
  /** UUID of version 7: later runs sort behind earlier ones. */
  readonly id: string;
  readonly report: string;
  /** What the report was asked for, enough to make it again. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  /** The date it was asked for, `YYYY-MM-DD`: its last one, or with `ending: yesterday` the day after. */
  readonly asOf: string;
  /** When it was due, where a schedule asked for it; this and the next two are ms since the epoch, UTC. */
  readonly due?: number | undefined;
  readonly started: number;
  readonly finished?: number | undefined;
  readonly state: RunState;
  readonly rows?: number | undefined;
  readonly sizeBytes?: number | undefined;
  /** SHA-256 of the report's bytes in hex. */
  readonly digest?: string | undefined;
  /** Where it was written to. */
  readonly destination?: string | undefined;
  /** Key in the archive, and what is to be cleared away there if the run never ends. */
  readonly key?: string | undefined;
  readonly draft?: string | undefined;
  readonly error?: string | undefined;
  /** Version of Daybook. */
  readonly version: string;
  readonly inputs: readonly RunInput[];
  readonly notes: readonly Note[];
}

/** Whether what a run was due for needs nobody any more. */
export function isOver({ state }: Run): boolean {
  return state !== 'failed' && state !== 'running';
}

/** Which runs to list. */
export interface RunQuery {
  /** Of this report; of all unless given. */
  readonly report?: string | undefined;
  readonly state?: RunState | undefined;
  /** Only those that a schedule asked for. */
  readonly scheduled?: boolean | undefined;
  /** Only those that were begun before the run of this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What becomes known of a run. */
export type RunChange = Partial<Omit<Run, 'id' | 'report'>>;

/**
 * Every run of every report, in the order in which they were begun.
 *
 * @throws DaybookError `STORE_UNUSABLE`, from every function.
 */
export interface RunHistory {
  /** Enters a run that begins. */
  begin(run: Run): Promise<void>;
  /** Replaces what is known of a run; what is undefined is forgotten. */
  update(id: string, change: RunChange): Promise<void>;
  find(id: string): Promise<Run | undefined>;
  /** The latest runs first. */
  list(which: RunQuery): Promise<readonly Run[]>;
  /**
   * Runs `work` while nobody else runs this report; undefined, without having waited, where somebody does. Who has
   * died does not.
   */
  alone<Result>(report: string, work: () => Promise<Result>): Promise<Result | undefined>;
  close(): Promise<void>;
}
