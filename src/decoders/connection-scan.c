// Reads the usual records of a connection log: the hot loop of connection-log.ts, where bytes can be compared
// sixteen at a time. Built into connection-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does.

#include "name-table.h"

#define EVERY_BYTE(x) ((u64)(x) * 0x0101010101010101ull)
#define MOST_NUMBERS (1ull << 53)

EXPORT u32 object[EVENTS];

/** How to read a number of up to sixteen digits: up to eight, and those behind them. */
typedef struct {
  u32 count;
  /** What stands behind it. */
  u8 blank;
  /** The first eight bytes as they stand, and what their digits count for in the number. */
  u64 first, first_value;
  /** Where digits are in the next eight bytes, and how far to shift them to the end of the word. */
  u64 rest_mask, rest_shift;
} Digits;

/** Bits of the lowest byte that is no digit, and perhaps of others above it. */
INLINE u64 no_digits(u64 bytes) {
  u64 digits = bytes ^ EVERY_BYTE('0');
  // Adding 6 to a digit carries into its high half from 10 on.
  return (digits | (digits + EVERY_BYTE(6))) & EVERY_BYTE(0xf0);
}

INLINE u32 count_digits(u64 bytes) {
  u64 wrong = no_digits(bytes);
  return wrong ? (u32)__builtin_ctzll(wrong) / 8 : 8;
}

/** The number that eight digits make, or zeros in front of digits: by pairs, fours, and all. */
INLINE u64 value_of(u64 digits) {
  digits = (digits & EVERY_BYTE(0x0f)) * (10 * 0x100 + 1) >> 8;
  digits = (digits & 0x00ff00ff00ff00ffull) * (100 * 0x10000 + 1) >> 16;
  return (digits & 0x0000ffff0000ffffull) * (10000 * 0x100000000ull + 1) >> 32;
}

static Digits digits_at(const u8 *at) {
  static const u32 powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
  u32 first = count_digits(load(at)), rest = first < 8 ? 0 : count_digits(load(at + 8));
  Digits digits = {.count = first + rest, .blank = at[first + rest], .first = load(at)};
  if (first > 0) digits.first_value = value_of(digits.first << (64 - 8 * first)) * powers[rest];
  if (rest > 0) {
    digits.rest_shift = 64 - 8 * rest;
    digits.rest_mask = ~0ull >> digits.rest_shift;
  }
  return digits;
}

/**
 * Reads records of the usual form in the buffer, up to another or `room` of them: single spaces or single tabs, known
 * names, LF or CRLF. Times are the numbers times one factor, divided by another, and cut. Returns how many.
 */
EXPORT u32 scan(u32 from, u32 to, u32 room, double times, double per) {
  const u8 *at = buffer + from, *end = buffer + to;
  u64 limit = MOST_NUMBERS / (u64)times;
  Digits digits = {.first = ~load(at)};
  u32 count = 0;
  while (at < end && count < room) {
    // Most numbers are as long as the one before, and begin as it does: so names need not wait for where they begin.
    u64 rest = load(at + 8);
    if ((load(at) ^ digits.first) | (no_digits(rest) & digits.rest_mask) | (at[digits.count] ^ digits.blank)) {
      digits = digits_at(at);
      if (digits.count == 0 || (digits.blank != ' ' && digits.blank != '\t')) break;
    }
    u64 number = digits.first_value + value_of((rest & digits.rest_mask) << digits.rest_shift);
    if (number >= limit) break;
    Name source = name_until(at + digits.count + 1, end, digits.blank);
    Name target = name_until(source.at + source.length + 1, end, '\n');
    const u8 *line_end = target.at + target.length;
    // Lines may end in CRLF, all of them as a rule.
    if (target.length > 0 && line_end[-1] == '\r') target = name_of(target.at, target.length - 1);
    int source_id = find(source), target_id = find(target);
    if ((source_id | target_id) < 0) break;
    time[count] = __builtin_floor((double)(long long)number * times / per);
    subject[count] = (u32)source_id;
    object[count] = (u32)target_id;
    position[count] = (u32)(at - buffer);
    count++;
    at = line_end + 1;
  }
  stopped = (u32)(at - buffer);
  return count;
}
