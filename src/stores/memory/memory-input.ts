import { booksOf } from '../../core/books.ts';
import type { EventField } from '../../core/event-list.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import type { StoredInput, StoredSegment } from '../../core/store.ts';
import { NO_BYTES } from '../no-bytes.ts';
import type { MemoryEvent } from './memory-events.ts';

/** A stretch of an input with all that is kept of it. */
export interface MemorySegment extends StoredSegment {
  readonly digest: string;
  readonly isRest: boolean;
  readonly fields: readonly EventField[];
  readonly events: readonly MemoryEvent[];
  /** Events that are forgotten, but for the minutes they are in. */
  readonly gone: readonly MemoryEvent[];
  /** Events that do not count, since one with their id does. */
  readonly uncounted: readonly MemoryEvent[];
  /** Times of the events that are erased: where an input begins and ends stays as it was. */
  readonly erased: readonly number[];
  readonly rejects: readonly SegmentReject[];
}

/** An input with its stretches, in order. */
export interface MemoryInput extends Pick<StoredInput, 'id' | 'name' | 'head' | 'decoder'> {
  readonly isUnfinished: boolean;
  readonly stream: string;
  /** Ids that are kept for it until it is finished. */
  readonly freed: ReadonlySet<string>;
  readonly segments: readonly MemorySegment[];
}

/** All events that count. */
export function countedIn({ events, gone }: MemorySegment): readonly MemoryEvent[] {
  return [...gone, ...events];
}

/** Times of all events that counted. */
export function timesIn(segment: MemorySegment): readonly number[] {
  return [...countedIn(segment).map(({ time }) => time), ...segment.erased];
}

/** An input as others see it. */
export function storedInput({ isUnfinished, ...input }: MemoryInput): StoredInput {
  const { id, name, head, decoder, segments } = input;
  const { counted, duplicate, conflict, rejected } = booksOf(segments);
  const times = segments.flatMap(timesIn);
  const { position, digest } = endOf(segments.at(-1));
  return {
    ...{ id, name, head, decoder, position, digest, counted, duplicate, conflict, rejected },
    ...(isUnfinished && { isUnfinished }),
    ...(input.freed.size > 0 && { isReplacing: true }),
    settled: endOf(segments.findLast(({ isRest }) => !isRest)),
    lines: segments.reduce((sum, { lines }) => sum + lines, 0),
    blank: segments.reduce((sum, { blank }) => sum + blank, 0),
    firstTime: times.length === 0 ? undefined : times.reduce((a, b) => Math.min(a, b)),
    lastTime: times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b)),
  };
}

function endOf(segment: MemorySegment | undefined): { position: number; digest: string } {
  return { position: segment?.to ?? 0, digest: segment?.digest ?? NO_BYTES };
}
