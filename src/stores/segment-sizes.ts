/** As many of a size become one of the next. */
const FAN = 8;
/** A stretch of this size or more stays what it is. */
const WHOLE = 4096;
/** So many bytes are as much as a line. */
const LINE_BYTES = 1024;
/** More are not looked at: there are fewer, unless empty ones are among them. */
export const MOST_LOOKED_AT = 64;

/**
 * How many of the last stretches of an input are to be made one: those with which there are eight of a size, where one in
 * front of a larger one counts as that. So each record is written anew a few times for each size, of which there are four,
 * and no more than seven stretches of each are left.
 *
 * @param sizes - Of the stretches, the last one first.
 */
export function joinable(sizes: readonly number[]): number {
  let joined = 0;
  let [kind, alike] = [0, 0];
  for (const [i, size] of sizes.entries()) {
    if (size >= WHOLE) break;
    const own = Math.floor(Math.log2(Math.max(size, 1)) / Math.log2(FAN));
    if (own > kind) [kind, alike] = [own, 0];
    if (++alike >= FAN) joined = i + 1;
  }
  return joined;
}

/** How large a stretch of an input is, from 0 on: in lines, or in bytes where these are long. */
export function sizeOf(lines: number, bytes: number): number {
  return Math.max(lines, Math.floor(bytes / LINE_BYTES));
}
