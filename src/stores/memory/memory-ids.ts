import type { SegmentReject } from '../../core/rejects.ts';
import { FATE } from '../../core/store.ts';
import { decimalText } from '../../core/value-sums.ts';
import type { MemoryEvent } from './memory-events.ts';
import { countedIn, type MemoryInput, type MemorySegment } from './memory-input.ts';

/** Every id that was counted in a stream, and what stood beside it. */
export function idsIn(
  inputs: ReadonlyMap<number, MemoryInput>,
  stream: string,
): Map<string, string> {
  const own = [...inputs.values()].filter((input) => input.stream === stream);
  const events = own.flatMap(({ segments }) => segments.flatMap(countedIn));
  return new Map(events.filter(({ id }) => id !== '').map((event) => [event.id, contentOf(event)]));
}

/** What becomes of events whose ids are known, or come twice. */
export interface SiftedEvents {
  /** Those that count, and those that do not. */
  readonly events: readonly MemoryEvent[];
  readonly uncounted: readonly MemoryEvent[];
  readonly duplicate: number;
  readonly conflicts: readonly SegmentReject[];
  /** One `FATE` an event. */
  readonly fates: Uint8Array;
}

/** Tells which events count, and takes note of their ids. */
export function sifted(events: readonly MemoryEvent[], known: Map<string, string>): SiftedEvents {
  const counted: MemoryEvent[] = [];
  const uncounted: MemoryEvent[] = [];
  const conflicts: SegmentReject[] = [];
  const fates = new Uint8Array(events.length);
  let duplicate = 0;
  for (const [i, event] of events.entries()) {
    const { id, line, position: offset } = event;
    const content = known.get(id);
    if (content === undefined) {
      counted.push(event);
      if (id !== '') known.set(id, contentOf(event));
      continue;
    }
    uncounted.push(event);
    if (content === contentOf(event)) {
      duplicate++;
      fates[i] = FATE.duplicate;
    } else {
      fates[i] = FATE.conflict;
      const text = Buffer.from(id, 'latin1').toString();
      conflicts.push({ line, offset, reason: 'conflict', text });
    }
  }
  return { events: counted, uncounted, duplicate, conflicts, fates };
}

/** A segment with events that may count besides. */
export function withEvents(
  segment: MemorySegment,
  events: readonly MemoryEvent[],
  known: Map<string, string>,
): MemorySegment {
  const found = sifted(events, known);
  const byPosition = (a: MemoryEvent, b: MemoryEvent) => a.position - b.position;
  return {
    ...segment,
    counted: segment.counted + found.events.length,
    duplicate: segment.duplicate + found.duplicate,
    conflict: segment.conflict + found.conflicts.length,
    events: [...segment.events, ...found.events].sort(byPosition),
    uncounted: [...segment.uncounted, ...found.uncounted].sort(byPosition),
    rejects: [...segment.rejects, ...found.conflicts].sort((a, b) => a.offset - b.offset),
  };
}

/**
 * The inputs, once what has ids that were withdrawn is counted, in the order in which it came, unless what took their
 * place has the id.
 *
 * @param freed - The ids that were withdrawn.
 */
export function withFreed(
  inputs: ReadonlyMap<number, MemoryInput>,
  stream: string,
  freed: ReadonlySet<string>,
): Map<number, MemoryInput> {
  const known = idsIn(inputs, stream);
  const own = [...inputs.values()].filter((input) => input.stream === stream);
  const segments = own.flatMap((input) => input.segments);
  const changed = new Map<number, MemorySegment>();
  for (const segment of segments.toSorted((a, b) => a.id - b.id)) {
    const events = segment.uncounted.filter(({ id }) => freed.has(id));
    changed.set(segment.id, withEvents(without(segment, events), events, known));
  }
  return new Map(
    [...inputs].map(([id, input]) => {
      const replaced = input.segments.map((segment) => changed.get(segment.id) ?? segment);
      return [id, { ...input, segments: replaced }];
    }),
  );
}

/** A segment without some of its events that do not count. */
function without(segment: MemorySegment, events: readonly MemoryEvent[]): MemorySegment {
  const places = new Set(events.map(({ position }) => position));
  const isConflict = ({ reason, offset }: SegmentReject) =>
    reason === 'conflict' && places.has(offset);
  const conflicts = segment.rejects.filter(isConflict).length;
  return {
    ...segment,
    duplicate: segment.duplicate - (events.length - conflicts),
    conflict: segment.conflict - conflicts,
    uncounted: segment.uncounted.filter((event) => !events.includes(event)),
    rejects: segment.rejects.filter((reject) => !isConflict(reject)),
  };
}

function contentOf(event: MemoryEvent): string {
  const { isUntimed, subject, type, value, scale, data } = event;
  const time = isUntimed ? null : event.time;
  return JSON.stringify([time, subject, type, decimalText({ digits: value, scale }), data]);
}
