// Four bytes as little-endian words.
const ZEROS = 0x30303030;

/**
 * Seconds since midnight of the words `HH:M` and `M:SS`, −1 if there is no such time.
 *
 * Adding 6 to a digit carries into its high half from 10 on.
 */
export function secondOfDay(hourWord: number, secondWord: number): number {
  const h = hourWord ^ (ZEROS + 0x0a0000);
  const s = secondWord ^ (ZEROS + 0x0a00);
  const wrong =
    (h & 0xf0fff0f0) |
    ((h + 0x06000606) & 0xf000f0f0) |
    (s & 0xf0f0fff0) |
    ((s + 0x06060006) & 0xf0f000f0);
  if (wrong !== 0) return -1;
  const hours = (h & 15) * 10 + ((h >> 8) & 15);
  const minutes = ((h >> 24) & 15) * 10 + (s & 15);
  const seconds = ((s >> 16) & 15) * 10 + ((s >> 24) & 15);
  return hours < 24 && minutes < 60 && seconds < 60 ? hours * 3600 + minutes * 60 + seconds : -1;
}
