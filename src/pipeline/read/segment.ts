import type { Input } from '../../core/source.ts';
import type { StoredSegment } from '../../core/store.ts';

/** The unit of work for a lane: the records that begin in bytes [from, to) of an input. Plain data. */
export interface Segment {
  /** Place in the order of the log, from 0. */
  readonly index: number;
  /** Rank of the input, from 0. */
  readonly rank: number;
  readonly input: Input;
  readonly from: number;
  readonly to: number;
}

/** Below this a segment is not worth its messages, above it lanes may end far apart. */
const SMALLEST_BYTES = 4 << 20;
const LARGEST_BYTES = 64 << 20;
/** Segments that a lane should find in its share, so that lanes can even out. */
const SEGMENTS_PER_LANE = 16;

/** How inputs may be cut. */
export interface CutOptions {
  readonly lanes: number;
  /** Inputs must be read whole. */
  readonly sequential: boolean;
  /** Cut to this size, instead of one that keeps all lanes busy. */
  readonly segmentBytes?: number | undefined;
}

/** Cuts inputs into segments, in the order of the log. What cannot be cut is one segment. */
export function segmentsOf(inputs: readonly Input[], options: CutOptions): Segment[] {
  const { lanes, sequential, segmentBytes } = options;
  const sizeOf = ({ splittable, sizeBytes = 0 }: Input) =>
    splittable && !sequential ? sizeBytes : 0;
  const share = inputs.reduce((sum, input) => sum + sizeOf(input), 0) / (lanes * SEGMENTS_PER_LANE);
  const usual = Math.ceil(Math.min(Math.max(share, SMALLEST_BYTES), LARGEST_BYTES));
  const step = segmentBytes ?? (lanes === 1 ? Number.POSITIVE_INFINITY : usual);
  const segments: Segment[] = [];
  for (const [rank, input] of inputs.entries()) {
    const size = sizeOf(input);
    const cutAt = (at: number) => (input.stored ? stretchEnd(input.stored, at) : at);
    let from = 0;
    do {
      const cut = cutAt(from + step);
      const to = cut < size ? cut : Number.POSITIVE_INFINITY;
      segments.push({ index: segments.length, rank, input, from, to });
      from = to;
    } while (from < size);
  }
  return segments;
}

/** The end of the stretch that holds a byte: stretches of a store are not cut. */
function stretchEnd(stored: readonly StoredSegment[], at: number): number {
  return stored.find(({ to }) => to >= at)?.to ?? at;
}

/** Whether a segment begins where another ends, in the same input. */
export function follows(segment: Segment, before: Segment): boolean {
  return segment.index === before.index + 1 && segment.rank === before.rank;
}

/**
 * How many lanes are worth starting for these inputs; as many as there are threads if the size of segments is
 * given. What can be read only once, such as standard input, is read in the main thread.
 */
export function lanesFor(
  inputs: readonly Input[],
  { threads, segmentBytes }: { threads: number; segmentBytes?: number | undefined },
  sequential: boolean,
): number {
  if (sequential || inputs.some(({ replayable }) => !replayable)) return 1;
  if (segmentBytes !== undefined) return threads;
  let segments = 0;
  for (const { splittable, sizeBytes = SMALLEST_BYTES } of inputs) {
    segments += splittable ? sizeBytes / (4 * SMALLEST_BYTES) : sizeBytes / SMALLEST_BYTES;
  }
  return Math.max(1, Math.min(threads, Math.ceil(segments)));
}
