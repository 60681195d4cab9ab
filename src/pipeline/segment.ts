import type { Input } from '../core/source.ts';

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

/** Below this a segment is not worth its messages. */
const SMALLEST_BYTES = 4 << 20;

/** How inputs may be cut. */
export interface CutOptions {
  readonly lanes: number;
  /** Inputs must be read whole and in order. */
  readonly sequential: boolean;
  /** Cut to this size, instead of one that keeps all lanes busy. */
  readonly segmentBytes?: number | undefined;
}

/**
 * Cuts inputs into segments, in order: large ones first, so that a lane joins few states, small ones at
 * the end, so that all lanes finish together (guided self-scheduling, Polychronopoulos and Kuck 1987).
 */
export function* segmentsOf(inputs: readonly Input[], options: CutOptions): Generator<Segment> {
  const { lanes, sequential, segmentBytes } = options;
  const whole = (input: Input) => sequential || !input.splittable || input.sizeBytes === undefined;
  let left = inputs.reduce((sum, input) => sum + (whole(input) ? 0 : input.sizeBytes!), 0);
  let index = 0;
  for (const [rank, input] of inputs.entries()) {
    if (whole(input)) {
      yield { index: index++, rank, input, from: 0, to: Number.POSITIVE_INFINITY };
      continue;
    }
    for (let from = 0; from < input.sizeBytes!; ) {
      const share = lanes === 1 ? left : Math.ceil(left / (2 * lanes));
      const size = segmentBytes ?? Math.max(share, SMALLEST_BYTES);
      const to = Math.min(from + size, input.sizeBytes!);
      yield { index: index++, rank, input, from, to };
      left -= to - from;
      from = to;
    }
  }
}

/** How many lanes are worth starting for these inputs. Standard input can be read in the main thread only. */
export function lanesFor(inputs: readonly Input[], threads: number, sequential: boolean): number {
  if (sequential || inputs.some(({ replayable }) => !replayable)) return 1;
  let segments = 0;
  for (const { splittable, sizeBytes = SMALLEST_BYTES } of inputs) {
    segments += splittable ? sizeBytes / (4 * SMALLEST_BYTES) : sizeBytes / SMALLEST_BYTES;
  }
  return Math.max(1, Math.min(threads, Math.ceil(segments)));
}
