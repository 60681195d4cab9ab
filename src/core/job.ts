import type { Aggregation } from './aggregation.ts';
import type { Decoder } from './decoder.ts';
import type { Source } from './source.ts';
import type { Interest, Store } from './store.ts';

/** A kind of part and its options, by name: plain data that another thread can open. */
export interface PartSpec {
  readonly kind: string;
  readonly options: unknown;
}

/** What reads a log and adds it up, as plain data. */
export interface JobSpec {
  /** Location of a module that exports `openJob: OpenJob`; it knows the kinds, its callers do not. */
  readonly module: string;
  readonly decoder: PartSpec;
  readonly aggregation: PartSpec;
  /** Where events are kept, if the inputs are in a store, and which are of interest: others may be left out. */
  readonly store?: (StoredInterest & { readonly part: PartSpec }) | undefined;
}

/** Which of a store's events are of interest. */
interface StoredInterest {
  readonly interest: Interest;
  /** As the stream has it. */
  readonly goneBefore: number | undefined;
}

/** A job's opened parts. */
export interface Job {
  readonly sources: Readonly<Record<string, Source>>;
  readonly decoder: Decoder;
  /** Whether a record's meaning depends on those before it, so that inputs cannot be cut. */
  readonly sequential: boolean;
  readonly aggregation: Aggregation<unknown, unknown>;
  /** The store of inputs that are in one, and which events are of interest. */
  readonly stored?: (StoredInterest & { readonly store: Store }) | undefined;
}

export type OpenJob = (spec: JobSpec) => Job | Promise<Job>;

/** Opens a job's parts, in whichever thread. */
export async function loadJob(spec: JobSpec): Promise<Job> {
  const { openJob } = (await import(spec.module)) as { openJob: OpenJob };
  return openJob(spec);
}
