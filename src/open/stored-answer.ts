import type { CountOptions, CountResult } from '../aggregations/counts.ts';
import { DaybookError } from '../core/errors.ts';
import type { Reject } from '../core/rejects.ts';
import type { Answer } from '../core/report.ts';
import { storedCounts } from '../reports/stored-counts.ts';
import { rejectsOf } from '../reports/stored-rejects.ts';
import { openStore, type StoredInputs } from './open-inputs.ts';

/**
 * Counts out of a store.
 *
 * @returns Undefined where its minutes do not say enough, but its events do.
 * @throws DaybookError `USAGE` - It keeps no events; or `STORE_UNUSABLE`.
 */
export async function storedAnswer(
  { path, stream }: StoredInputs,
  options: CountOptions,
): Promise<Answer<CountResult> | undefined> {
  const store = await openStore(path);
  try {
    const answer = await storedCounts(store, stream, options);
    if (answer !== undefined) return { ...answer, rejects: () => rejectsFrom(path, stream.name) };
    if (store.keep === 'events') return undefined;
    throw new DaybookError(
      'USAGE',
      `${path} keeps whole minutes only: no buckets of ${options.interval} in ${options.zone} can be made of them`,
    );
  } finally {
    await store.close();
  }
}

async function* rejectsFrom(path: string, stream: string): AsyncGenerator<Reject[]> {
  const store = await openStore(path);
  try {
    yield* rejectsOf(store, await store.inputs(stream));
  } finally {
    await store.close();
  }
}
