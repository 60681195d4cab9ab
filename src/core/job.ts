import type { Aggregation } from './aggregation.ts';
import type { Decoder } from './decoder.ts';
import type { Source } from './source.ts';

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
}

/** A job's opened parts. */
export interface Job {
  readonly sources: Readonly<Record<string, Source>>;
  readonly decoder: Decoder;
  /** Whether a record's meaning depends on those before it, so that inputs cannot be cut. */
  readonly sequential: boolean;
  readonly aggregation: Aggregation<unknown, unknown>;
}

export type OpenJob = (spec: JobSpec) => Job;

/** Opens a job's parts, in whichever thread. */
export async function loadJob(spec: JobSpec): Promise<Job> {
  const { openJob } = (await import(spec.module)) as { openJob: OpenJob };
  return openJob(spec);
}
