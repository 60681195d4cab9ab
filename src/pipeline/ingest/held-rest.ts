import type { Store } from '../../core/store.ts';
import type { IngestPart } from './ingest-part.ts';

/**
 * Whether a part is a last record without its end that has to wait for it, since it could not be taken back when more
 * comes: a store of rollups takes nothing back.
 */
export function mustWait({ keep }: Store, { isRest }: Pick<IngestPart, 'isRest'>): boolean {
  return isRest && keep === 'rollups';
}
