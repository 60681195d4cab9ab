import type { SegmentReject } from '../../core/rejects.ts';
import type { Amendment } from '../../core/store.ts';
import { readEvents } from './memory-events.ts';
import { withEvents } from './memory-ids.ts';
import type { MemorySegment } from './memory-input.ts';

/** A segment some rejects of which are events now. */
export function amendedSegment(
  segment: MemorySegment,
  amendment: Amendment,
  known: Map<string, string>,
): MemorySegment {
  const isReject = ({ reason }: SegmentReject) => reason !== 'conflict';
  const waiting = new Set(segment.rejects.filter(isReject).map(({ offset }) => offset));
  const found = readEvents(amendment.events).filter(({ position }) => waiting.has(position));
  const places = new Set(found.map(({ position }) => position));
  const rejected = { ...segment.rejected };
  const taken = segment.rejects.filter((reject) => isReject(reject) && places.has(reject.offset));
  for (const { reason } of taken) if (--rejected[reason]! === 0) delete rejected[reason];
  const kept = segment.rejects.filter((reject) => !taken.includes(reject));
  const { fields } = amendment.events;
  return withEvents({ ...segment, rejected, fields, rejects: kept }, found, known);
}
