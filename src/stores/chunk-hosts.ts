import type { EventList } from '../core/event-list.ts';

/** Hosts that a chunk tells apart: with more of them in a segment, some share a bit. */
const BITS = 8192;

const scratch = new Uint8Array(BITS / 8);

/**
 * Which hosts stand in events [from, to) of a list: a bit for each number of a name, up to the last that is set. So a
 * chunk is known to be without a host, or may have it.
 */
export function packHosts(
  { columns: { subject, object } }: EventList,
  from: number,
  to: number,
): Uint8Array {
  scratch.fill(0);
  let last = 0;
  for (const column of [subject, object])
    for (let i = from; i < to; i++) {
      const bit = column[i]! % BITS;
      scratch[bit >> 3]! |= 1 << (bit & 7);
      if (bit > last) last = bit;
    }
  return scratch.slice(0, (last >> 3) + 1);
}

/** Whether one of some numbers of names may stand in a chunk. */
export function mayHave(hosts: Uint8Array, numbers: readonly number[]): boolean {
  return numbers.some((number) => {
    const bit = number % BITS;
    return ((hosts[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  });
}
