const ZERO = 0x30;

/** Writes the last `width` digits of a whole number below 2^31. Returns where they end. */
export function putPadded(bytes: Uint8Array, at: number, value: number, width: number): number {
  let rest = value | 0;
  for (let to = at + width - 1; to >= at; to--) {
    const next = (rest / 10) | 0;
    bytes[to] = ZERO + rest - 10 * next;
    rest = next;
  }
  return at + width;
}

/** Writes a whole number that is not negative. Returns where it ends. */
export function putNumber(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 1e6) {
    const high = Math.floor(value / 1e6);
    return putPadded(bytes, putNumber(bytes, at, high), value - high * 1e6, 6);
  }
  let width = 1;
  for (let limit = 10; value >= limit; limit *= 10) width++;
  return putPadded(bytes, at, value, width);
}

const COLON = 0x3a;

/** Writes the UTC time of day of an instant as `HH:MM:SS`. Returns where it ends. */
export function putClock(bytes: Uint8Array, at: number, timeMs: number): number {
  const second = Math.floor(timeMs / 1000) % 86_400;
  const minute = (second / 60) | 0;
  const hour = (minute / 60) | 0;
  putPadded(bytes, at, hour, 2);
  bytes[at + 2] = COLON;
  putPadded(bytes, at + 3, minute - 60 * hour, 2);
  bytes[at + 5] = COLON;
  return putPadded(bytes, at + 6, second - 60 * minute, 2);
}
