import type { Segment } from '../read/segment.ts';

/**
 * Hands segments to lanes so that each lane gets neighbours, whose states need no joining: at first every
 * lane has an equal stretch of the log, and who is done takes over the back half of the longest stretch left.
 */
export class SegmentQueue {
  readonly #segments: readonly Segment[];
  /** For each lane, its part of the segments not yet begun. */
  readonly #shares: { next: number; end: number }[];

  constructor(segments: readonly Segment[], lanes: number) {
    this.#segments = segments;
    const edge = (lane: number) => Math.round((segments.length * lane) / lanes);
    this.#shares = Array.from({ length: lanes }, (_, lane) => ({
      next: edge(lane),
      end: edge(lane + 1),
    }));
  }

  /** The next segment for a lane, undefined when none is left. */
  take(lane: number): Segment | undefined {
    const share = this.#shares[lane]!;
    if (share.next === share.end) {
      const longest = this.#shares.reduce((a, b) => (b.end - b.next > a.end - a.next ? b : a));
      const middle = (longest.next + longest.end) >>> 1;
      share.end = longest.end;
      share.next = middle;
      longest.end = middle;
    }
    return share.next < share.end ? this.#segments[share.next++] : undefined;
  }
}
