import type { EventList } from '../core/event-list.ts';
import type { SegmentReject } from '../core/rejects.ts';

/** A stretch of an input, decoded: what a commit is made of. */
export interface IngestPart {
  /** Bytes [from, to) of the input, decompressed. */
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly blank: number;
  /** Lines are counted from 1 at the start of the stretch. */
  readonly events: EventList;
  readonly rejected: ReadonlyMap<string, number>;
  readonly rejects: readonly SegmentReject[];
  /** What the decoder has to remember where more of the input is read. */
  readonly decoder: unknown;
  /** Whether it is a last record without its end. */
  readonly isRest: boolean;
}

/** Bytes of a part: what is read again after a kill, and about a tenth of what memory its events take. */
export const PART_BYTES: number = 16 << 20;

/** Rejects that a part keeps with their text; of more, only the number is known. */
export const KEPT_REJECTS = 10_000;
