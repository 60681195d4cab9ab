// Reads the usual records of a connection log: the hot loop of connection-log.ts, where bytes can be compared
// sixteen at a time. Built into connection-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does.

#include "connection-blocks.h"

#define EVERY_BYTE(x) ((u64)(x) * 0x0101010101010101ull)
#define MOST_NUMBERS (1ull << 53)
#define MOST_DIGITS 16 // of such a number

EXPORT u32 object[EVENTS];

INLINE int is_blank(u8 byte) { return byte == ' ' || byte == '\t'; }

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
  int is_sure = count > 0 && powers[count - 1] * 9 <= limit && is_blank(digits->blank);
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

/** Whether a name is known, or sure to be one. */
INLINE int can_be(Name name, int id) {
  return id >= 0 || (name.length > 0 && visible_length(name.at) == name.length);
}

/** The end of the line, which is there. */
INLINE const u8 *line_end_behind(const u8 *at) {
  for (;; at += 64) {
    Block block = block_at(at);
    u64 ends = equal(&block, wasm_i8x16_splat('\n'));
    if (ends) return at + __builtin_ctzll(ends);
  }
}

/** What a line is that is no usual record, where that can be told without a look at its names. */
typedef enum { BLANK, FIELD_COUNT, TIME, UNSURE } Verdict;

/** What `ConnectionLine` makes of a line. */
static Verdict verdict_of(const u8 *at, const u8 *end) {
  u32 fields = 0, digits = 0;
  int is_number = 1;
  while (fields < 4) {
    while (at < end && is_blank(*at)) at++;
    if (at == end) break;
    for (fields++; at < end && !is_blank(*at); at++) {
      if (fields > 1) continue;
      is_number &= (u8)(*at - '0') < 10;
      digits += digits > 0 || *at != '0';
    }
  }
  if (fields == 0) return BLANK;
  if (fields != 3) return FIELD_COUNT;
  return is_number && digits <= MOST_DIGITS ? UNSURE : TIME;
}

/** Where the line behind this one begins, if this one is sure to be no record, else 0. */
static const u8 *behind_none(const u8 *at, u32 lines, u32 events) {
  const u8 *line_end = line_end_behind(at), *end = line_end - (line_end > at && line_end[-1] == '\r');
  Verdict verdict = end - at > LONGEST_LINE ? UNSURE : verdict_of(at, end);
  return verdict != UNSURE && leave(at, end, verdict, lines, events) ? line_end + 1 : 0;
}

/** Of which records both names are looked up; of all others that can be told to be valid without. */
typedef enum { ALL, ASKED, NONE } BothOf;

INLINE u32 scan_records(u32 from, u32 to, u32 room, double times, double per, BothOf both, int timed) {
  const u8 *at = buffer + from, *end = buffer + to;
  u64 limit = MOST_NUMBERS / (u64)times;
  Digits digits = digits_at(at);
  u32 count = 0, passed = 0, pause = 0, wait = 0;
  begin();
  while (at < end && count < room) {
    if (both == ASKED && wait-- == 0) {
      const u8 *next = behind_others(at, end, form_of(&digits, limit), asked, &passed);
      // Where it is in vain, as with names that are not ASCII, it is tried less and less often.
      pause = next > at ? 0 : pause < 63 ? pause * 2 + 1 : pause;
      wait = pause;
      at = next;
    }
    if (at == end) break;
    const u8 *line_end = 0;
    // Most numbers are as long as the one before, and begin as it does: so names need not wait for where they begin.
    u64 rest = load(at + 8);
    if ((load(at) ^ digits.first) | (no_digits(rest) & digits.rest_mask) | (at[digits.count] ^ digits.blank))
      digits = digits_at(at);
    if (digits.count == 0 || !is_blank(digits.blank)) goto unusual;
    u64 number = 0;
    if (timed || powers[digits.count] > limit) {
      number = digits.first_value + value_of((rest & digits.rest_mask) << digits.rest_shift);
      if (number >= limit) goto unusual;
    }
    const u8 *names = at + digits.count + 1;
    // Where a line begins then follows from where the one before ends, and from nothing else: so the processor works on
    // several at a time. Where both names are looked up, that does not pay.
    if (both == NONE) line_end = line_end_behind(at);
    Name source = name_until(names, end, digits.blank);
    int source_id = find(source), target_id = source_id;
    const u8 *target_at = source.at + source.length + 1;
    if (both != NONE || !is_visible(target_at, line_end)) {
      Name target = name_until(target_at, end, '\n');
      line_end = target.at + target.length;
      // Lines may end in CRLF, all of them as a rule.
      if (target.length > 0 && line_end[-1] == '\r') target = name_of(target.at, target.length - 1);
      target_id = find(target);
      if ((source_id | target_id) < 0) {
        if (!can_be(source, source_id) || !can_be(target, target_id)) goto unusual;
        source_id = meet(source);
        target_id = meet(target);
      }
    } else if (source_id < 0 && can_be(source, source_id)) source_id = target_id = meet(source);
    if ((source_id | target_id) < 0) goto unusual;
    if (timed) time[count] = __builtin_floor((double)(long long)number * times / per);
    subject[count] = (u32)source_id;
    object[count] = (u32)target_id;
    position[count] = (u32)(at - buffer);
    count++;
    at = line_end + 1;
    continue;
  unusual:
    line_end = behind_none(at, count + passed + left, count);
    if (!line_end) break;
    at = line_end;
  }
  left_out = passed;
  stopped = (u32)(at - buffer);
  return count;
}

/**
 * Reads records of the usual form in the buffer: single spaces or single tabs, names that are known or of visible ASCII
 * characters, LF or CRLF. Lines between them are rejected; it ends at one of which it is not sure, or with `room` of
 * records. Times are the numbers times one factor, divided by another, and cut. Returns how many.
 */
EXPORT u32 scan(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, ALL, 1);
}

/** The same, but records of others than the asked host may be left out: nothing need be looked up for them. */
EXPORT u32 scan_asked(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, ASKED, 1);
}

/** The same, but the object of a record may be its subject: its target is only looked at, not looked up. */
EXPORT u32 scan_sources(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, NONE, 1);
}

/** The same, but without the times of records. */
EXPORT u32 scan_untimed_sources(u32 from, u32 to, u32 room, double times, double per) {
  return scan_records(from, to, room, times, per, NONE, 0);
}
