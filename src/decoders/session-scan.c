// Reads the usual records of a session log: the hot loop of session-log.ts, where bytes can be compared
// sixteen at a time. Built into session-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does.

#include "name-table.h"
#include "second-of-day.h"

#define HEAD_END 0x0a646e45u    // "End\n"
#define HEAD_START 0x72617453u  // "Star"
#define TAIL_START 0x0a747261u  // "art\n"

EXPORT u8 kind[EVENTS];

/** Whether a name is sure to be one: fewer than sixteen letters and digits. */
static int is_plain(Name name) {
  if (name.length == 0 || name.length >= SHORTER_THAN) return 0;
  v128_t bytes = wasm_v128_load(name.at), small = wasm_v128_or(bytes, wasm_i8x16_splat(0x20));
  v128_t digits = wasm_u8x16_le(wasm_i8x16_sub(bytes, wasm_i8x16_splat('0')), wasm_i8x16_splat(9));
  v128_t letters = wasm_u8x16_le(wasm_i8x16_sub(small, wasm_i8x16_splat('a')), wasm_i8x16_splat(25));
  u32 others = ~wasm_i8x16_bitmask(wasm_v128_or(digits, letters));
  return (u32)__builtin_ctz(others) >= name.length;
}

/**
 * Reads records of the usual form in the buffer, up to another or `room` of them. Times are ms from that of
 * midnight. Returns how many.
 */
EXPORT u32 scan(u32 from, u32 to, u32 room, double midnight) {
  const u8 *at = buffer + from, *end = buffer + to;
  u64 previous = 0;
  int clock = -1;
  double instant = 0;
  u32 count = 0;
  begin();
  while (at < end && count < room) {
    // Records of one second follow each other, so most have the time of the one before.
    u64 clock_time = load(at);
    if (clock_time != previous || clock < 0) {
      clock = second_of_day(clock_time);
      previous = clock_time;
      instant = midnight + clock * 1000.0;
      if (clock < 0) break;
    }
    if (at[8] != ' ') break;
    Name name = name_until(at + 9, end, ' ');
    // Which of the two markers it is cannot be predicted, so it is reckoned instead of branched on.
    const u8 *marker = name.at + name.length + 1;
    u32 start = (*marker >> 1) & 1; // 'S' has this bit, 'E' has not
    u32 head = HEAD_END + start * (HEAD_START - HEAD_END), tail = HEAD_END + start * (TAIL_START - HEAD_END);
    const u8 *next = marker + 4 + 2 * start;
    if ((load_half(marker) ^ head) | (load_half(next - 4) ^ tail)) break;
    int id = find(name);
    if (id < 0 && is_plain(name)) id = meet(name);
    if (id < 0) break;
    subject[count] = (u32)id;
    time[count] = instant;
    position[count] = (u32)(at - buffer);
    kind[count] = (u8)start;
    count++;
    at = next;
  }
  stopped = (u32)(at - buffer);
  return count;
}
