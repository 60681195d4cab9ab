import type { Segment } from '../read/segment.ts';

/** A queue as plain data, for other threads: all then take from the same one. */
export interface SharedQueue {
  readonly segments: readonly Segment[];
  /** For each lane, its part of the segments not yet begun: see `shareOf`. */
  readonly shares: BigInt64Array<SharedArrayBuffer>;
}

/**
 * Hands segments to lanes so that each lane gets neighbours, whose states need no joining: at first every
 * lane has an equal stretch of the log, and who is done takes over the back half of the longest stretch left.
 *
 * Lanes take for themselves, in whichever thread: none waits for another to have time for it.
 */
export class SegmentQueue {
  readonly shared: SharedQueue;

  /** The queue that another thread shares. */
  constructor(shared: SharedQueue) {
    this.shared = shared;
  }

  /** A new queue of segments in the order of the log. */
  static of(segments: readonly Segment[], lanes: number): SegmentQueue {
    const edge = (lane: number) => Math.round((segments.length * lane) / lanes);
    const shares = new BigInt64Array(new SharedArrayBuffer(8 * lanes));
    for (const lane of shares.keys()) shares[lane] = shareOf(edge(lane), edge(lane + 1));
    return new SegmentQueue({ segments, shares });
  }

  /** The next segment for a lane, undefined when none is left. */
  take(lane: number): Segment | undefined {
    const { segments, shares } = this.shared;
    for (;;) {
      const own = Atomics.load(shares, lane);
      if (lengthOf(own) === 0) {
        if (!this.#takeOver(lane)) return undefined;
        continue;
      }
      const left = shareOf(nextOf(own) + 1, endOf(own));
      if (Atomics.compareExchange(shares, lane, own, left) === own) return segments[nextOf(own)];
    }
  }

  /** Gives a lane whose share is empty the back half of the longest one; false if all are empty. */
  #takeOver(lane: number): boolean {
    const { shares } = this.shared;
    for (;;) {
      let [longest, share] = [lane, 0n];
      for (const other of shares.keys()) {
        const its = Atomics.load(shares, other);
        if (lengthOf(its) > lengthOf(share)) [longest, share] = [other, its];
      }
      if (lengthOf(share) === 0) return false;
      const middle = (nextOf(share) + endOf(share)) >>> 1;
      const front = shareOf(nextOf(share), middle);
      if (Atomics.compareExchange(shares, longest, share, front) !== share) continue;
      Atomics.store(shares, lane, shareOf(middle, endOf(share))); // Nobody else changes an empty share.
      return true;
    }
  }
}

/** The segments from one up to another, as one integer: shares change all at once or not at all. */
function shareOf(next: number, end: number): bigint {
  return (BigInt(next) << 32n) | BigInt(end);
}

function nextOf(share: bigint): number {
  return Number(share >> 32n);
}

function endOf(share: bigint): number {
  return Number(share & 0xffff_ffffn);
}

function lengthOf(share: bigint): number {
  return endOf(share) - nextOf(share);
}
