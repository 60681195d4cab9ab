import type { Aggregation } from '../../src/core/aggregation.ts';
import type { JobSpec, OpenJob } from '../../src/core/job.ts';
import { type CsvOptions, csv } from '../../src/decoders/csv.ts';
import { sources } from '../../src/sources/index.ts';

type Counts = Map<string, number>;

/** How often each line with a subject and a time was read, in any order. */
const tally: Aggregation<Counts, Counts> = {
  zero: () => new Map(),
  add(counts, { length, names, subject, time }) {
    for (let i = 0; i < length; i++) count(counts, `${names.nameOf(subject[i]!)} ${time[i]}`, 1);
  },
  merge(counts, others) {
    for (const [what, often] of others) count(counts, what, often);
    return counts;
  },
  finish: (counts) => counts,
  save: (counts) => [...counts],
  load: (saved) => new Map(saved as [string, number][]),
};

function count(counts: Counts, what: string, often: number): void {
  counts.set(what, (counts.get(what) ?? 0) + often);
}

/** A job that counts rows of CSV, also for lanes in threads of their own. */
export function csvJob(options: CsvOptions): JobSpec {
  return {
    module: import.meta.url,
    decoder: { kind: 'csv', options },
    aggregation: { kind: 'tally', options: {} },
  };
}

export const openJob: OpenJob = ({ decoder }) => ({
  sources,
  decoder: csv.open(decoder.options as CsvOptions),
  sequential: false,
  aggregation: tally as Aggregation<unknown, unknown>,
});
