// Reads the usual records of a connection log: the hot loop of connection-log.ts, where bytes can be compared
// sixteen at a time. Built into connection-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does.

#include "connection-blocks.h"

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

static const u64 powers[] = {
    1ull,
    10ull,
    100ull,
    1000ull,
    10000ull,
    100000ull,
    1000000ull,
    10000000ull,
    100000000ull,
    1000000000ull,
    10000000000ull,
    100000000000ull,
    1000000000000ull,
    10000000000000ull,
    100000000000000ull,
    1000000000000000ull,
    10000000000000000ull,
};

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
  u32 first = count_digits(load(at)), rest = first < 8 ? 0 : count_digits(load(at + 8));
  Digits digits = {.count = first + rest, .blank = at[first + rest], .first = load(at)};
  if (first > 0) digits.first_value = value_of(digits.first << (64 - 8 * first)) * powers[rest];
  if (rest > 0) {
    digits.rest_shift = 64 - 8 * rest;
    digits.rest_mask = ~0ull >> digits.rest_shift;
  }
  return digits;
}

/** How lines like this are, where their numbers are sure to be below a limit: else they have no digits. */
INLINE Form form_of(const Digits *digits, u64 limit) {
  u32 count = digits->count;
  int is_sure = count > 0 && powers[count - 1] * 9 <= limit && (digits->blank == ' ' || digits->blank == '\t');
  return (Form){is_sure ? count : 0, digits->blank, powers[count] > limit};
}

static ShortName asked;

/** How many records of others the last scan left out. */
EXPORT u32 left_out;

/** Says of which host records are wanted: its name stands in the buffer. Returns 0 if it is too long for that. */
EXPORT u32 ask(u32 length) {
  if (length == 0 || length >= SHORTER_THAN) return 0;
  asked = (ShortName){short_bytes(buffer, length), length, buffer[length - 1]};
  return 1;
}

/** How many visible ASCII characters stand here, if they are fewer than sixteen, else 0: any name of them is valid. */
INLINE u32 visible_length(const u8 *at) {
  v128_t bytes = wasm_i8x16_sub(wasm_v128_load(at), wasm_i8x16_splat('!'));
  u32 ends = wasm_i8x16_bitmask(wasm_u8x16_gt(bytes, wasm_i8x16_splat('~' - '!')));
  return ends ? (u32)__builtin_ctz(ends) : 0;
}

/** Whether a name of fewer than sixteen visible characters stands here, in front of the line's end. */
INLINE int is_visible(const u8 *name, const u8 *line_end) {
  u32 length = visible_length(name);
  const u8 *end = name + length;
  end += *end == '\r';
  return (length > 0) & (end == line_end);
}

/** The end of the line, which is there. */
INLINE const u8 *line_end_behind(const u8 *at) {
  for (;; at += 64) {
    Block block = block_at(at);
    u64 ends = equal(&block, wasm_i8x16_splat('\n'));
    if (ends) return at + __builtin_ctzll(ends);
  }
}

/** Of which records both names are looked up; of all others that can be told to be valid without. */
typedef enum { ALL, ASKED, NONE } BothOf;

INLINE u32 scan_records(u32 from, u32 to, u32 room, double times, double per, BothOf both) {
  const u8 *at = buffer + from, *end = buffer + to;
  u64 limit = MOST_NUMBERS / (u64)times;
  Digits digits = digits_at(at);
  u32 count = 0, passed = 0, pause = 0, wait = 0;
  while (at < end && count < room) {
    if (both == ASKED && wait-- == 0) {
      const u8 *next = behind_others(at, end, form_of(&digits, limit), asked, &passed);
      // Where it is in vain, as with names that are not ASCII, it is tried less and less often.
      pause = next > at ? 0 : pause < 63 ? pause * 2 + 1 : pause;
      wait = pause;
      at = next;
    }
    if (at == end) break;
    // Most numbers are as long as the one before, and begin as it does: so names need not wait for where they begin.
    u64 rest = load(at + 8);
    if ((load(at) ^ digits.first) | (no_digits(rest) & digits.rest_mask) | (at[digits.count] ^ digits.blank))
      digits = digits_at(at);
    if (digits.count == 0 || (digits.blank != ' ' && digits.blank != '\t')) break;
    u64 number = digits.first_value + value_of((rest & digits.rest_mask) << digits.rest_shift);
    if (number >= limit) break;
    const u8 *names = at + digits.count + 1;
    // Where a line begins then follows from where the one before ends, and from nothing else: so the processor works on
    // several at a time. Where both names are looked up, that does not pay.
    const u8 *line_end = both == NONE ? line_end_behind(at) : 0;
    Name source = name_until(names, end, digits.blank);
    int source_id = find(source), target_id = source_id;
    const u8 *target_at = source.at + source.length + 1;
    if (both != NONE || !is_visible(target_at, line_end)) {
      Name target = name_until(target_at, end, '\n');
      line_end = target.at + target.length;
      // Lines may end in CRLF, all of them as a rule.
      if (target.length > 0 && line_end[-1] == '\r') target = name_of(target.at, target.length - 1);
      target_id = find(target);
    }
    if ((source_id | target_id) < 0) break;
    time[count] = __builtin_floor((double)(long long)number * times / per);
    subject[count] = (u32)source_id;
    object[count] = (u32)target_id;
    position[count] = (u32)(at - buffer);
    count++;
    at = line_end + 1;
  }
  left_out = passed;
  stopped = (u32)(at - buffer);
  return count;
}

/**
 * Reads records of the usual form in the buffer, up to another or `room` of them: single spaces or single tabs, known
 * names, LF or CRLF. Times are the numbers times one factor, divided by another, and cut. Returns how many.
 */
EXPORT u32 scan(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, ALL);
}

/** The same, but records of others than the asked host may be left out: nothing need be looked up for them. */
EXPORT u32 scan_asked(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, ASKED);
}

/** The same, but the object of a record may be its subject: its target is only looked at, not looked up. */
EXPORT u32 scan_sources(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, NONE);
}
