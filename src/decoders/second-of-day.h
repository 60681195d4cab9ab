// What scans share that read times of day.

/** Seconds since midnight of the eight bytes `HH:MM:SS`, −1 if there is no such time. */
static int second_of_day(u64 clock_time) {
  u64 digits = clock_time ^ 0x30303a30303a3030ull;
  // Adding 6 to a digit carries into its high half from 10 on.
  if ((digits & 0xf0f0fff0f0fff0f0ull) | ((digits + 0x0606000606000606ull) & 0xf0f000f0f000f0f0ull)) return -1;
  u32 hours = (digits & 15) * 10 + (digits >> 8 & 15);
  u32 minutes = (digits >> 24 & 15) * 10 + (digits >> 32 & 15);
  u32 seconds = (digits >> 48 & 15) * 10 + (digits >> 56 & 15);
  return hours < 24 && minutes < 60 && seconds < 60 ? (int)(hours * 3600 + minutes * 60 + seconds) : -1;
}
