import type { Store } from '../core/store.ts';
import type { IngestPart } from './ingest-part.ts';

/**
 * Whether a part is a last record without its end that has to wait for it, since it could not be taken back when more
 * comes: a store of rollups takes nothing back, and others nothing from before what they forgot.
 */
export async function mustWait(
  store: Store,
  stream: string,
  { isRest, events }: IngestPart,
): Promise<boolean> {
  if (!isRest || store.keep === 'rollups') return isRest;
  const { goneBefore = Number.NEGATIVE_INFINITY } =
    (await store.streams()).find(({ name }) => name === stream) ?? {};
  return events.columns.time.subarray(0, events.length).some((time) => time < goneBefore);
}
