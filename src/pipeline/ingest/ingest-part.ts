import type { Commit } from '../../core/store.ts';

/** A stretch of an input, decoded: what a commit is made of. */
export type IngestPart = Pick<
  Commit,
  'from' | 'to' | 'lines' | 'blank' | 'events' | 'rejected' | 'rejects' | 'decoder' | 'isRest'
>;

/** Bytes of a part: what is read again after a kill, and about a tenth of what memory its events take. */
export const PART_BYTES: number = 16 << 20;

/** Rejects that a part keeps with their text; of more, only the number is known. */
export const KEPT_REJECTS = 10_000;
