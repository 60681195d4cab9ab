// Whole lines of a connection log, sixty-four bytes at a time: a bit for each of them says what it is, and what the lines
// in them are follows from sums of such words. So no branch depends on where a line or a name ends.

#include "name-table.h"

/** How all lines are that are read so: as the one before them. */
typedef struct {
  /** How many digits its number has, sixteen at most; none if there is no such form. */
  u32 digits;
  u8 blank;
  /** Whether a number of so many digits may be too great if it begins with a 9. */
  u8 minds_nines;
} Form;

/** A name of fewer than sixteen bytes, and zeros. */
typedef struct {
  v128_t bytes;
  u32 length;
  u8 last;
} ShortName;

typedef struct {
  v128_t parts[4];
} Block;

/** What bytes are compared with. */
typedef struct {
  v128_t newline, blank, last_of_name, visible_offset, above_visible, digit_offset, above_digit;
} Bytes;

/** What a block leaves to the next one: a bit for its first byte, but for where lines and names begin in the block. */
typedef struct {
  u64 lines, names, line, number, source, name, last;
} Carry;

/** Sixteen such bytes, kept for a loop: V8 would make those that are known to it anew each time. */
INLINE v128_t sixteen(int byte) {
  v128_t bytes = wasm_i8x16_splat((signed char)byte);
  __asm__("" : "+r"(bytes));
  return bytes;
}

// What is added makes the last of a range the greatest signed byte, and what is behind it the least.
INLINE Bytes bytes_of(const Form *form, u8 last_of_name) {
  return (Bytes){
      .newline = sixteen('\n'),
      .blank = sixteen(form->blank),
      .last_of_name = sixteen(last_of_name),
      .visible_offset = sixteen(127 - '~'),
      .above_visible = sixteen(127 - ('~' - '!') - 1),
      .digit_offset = sixteen(127 - '9'),
      .above_digit = sixteen(127 - ('9' - '0') - 1),
  };
}

INLINE Block block_at(const u8 *at) {
  return (Block){{wasm_v128_load(at), wasm_v128_load(at + 16), wasm_v128_load(at + 32), wasm_v128_load(at + 48)}};
}

INLINE u64 joined(u32 a, u32 b, u32 c, u32 d) { return (a | b << 16) | (u64)(c | d << 16) << 32; }

/** Which bytes are such. */
INLINE u64 equal(const Block *block, v128_t byte) {
#define EQUAL(i) wasm_i8x16_bitmask(wasm_i8x16_eq(block->parts[i], byte))
  return joined(EQUAL(0), EQUAL(1), EQUAL(2), EQUAL(3));
#undef EQUAL
}

/** Which bytes are in a range. */
INLINE u64 within(const Block *block, v128_t offset, v128_t above) {
#define WITHIN(i) wasm_i8x16_bitmask(wasm_i8x16_gt(wasm_i8x16_add(block->parts[i], offset), above))
  return joined(WITHIN(0), WITHIN(1), WITHIN(2), WITHIN(3));
#undef WITHIN
}

/** Moved up by up to 63 bytes, behind those of the block before. */
INLINE u64 moved(u64 bits, u64 before, u32 bytes) { return bits << bytes | before >> (64 - bytes); }

/** What a block tells. Bits above the lowest one of trouble may be wrong. */
typedef struct {
  u64 newlines;
  /** What is not so: lines of the form, of two names of visible ASCII characters. */
  u64 trouble;
  /** Where names end that are as long as the one that is looked for, and end as it does. */
  u64 alike;
} Told;

INLINE Told tell(const Block *block, const Bytes *bytes, const Form *form, u32 name_length, Carry *carry) {
  u64 newlines = equal(block, bytes->newline), blanks = equal(block, bytes->blank);
  u64 visible = within(block, bytes->visible_offset, bytes->above_visible);
  u64 digits = within(block, bytes->digit_offset, bytes->above_digit);
  u64 last = equal(block, bytes->last_of_name);

  u64 lines = newlines << 1 | carry->line, numbers = lines | carry->number;
  u64 number_ends = moved(lines, carry->lines, form->digits);
  // A difference has the bits from the lower one up to the upper one, a sum carries through a name to what is behind it.
  u64 trouble = (number_ends & ~blanks) | ((number_ends - numbers) & ~digits);
  u64 sources = number_ends << 1 | carry->source, source_ends = sources + visible;
  trouble |= (source_ends & ~visible) ^ (blanks & ~number_ends);
  u64 names = blanks << 1 | carry->name;
  trouble |= names & ~visible;
  u64 others = ~(visible | blanks | newlines);
  if (others) trouble |= others & ~(equal(block, wasm_i8x16_splat('\r')) & newlines >> 1);
  if (form->minds_nines) trouble |= lines & equal(block, wasm_i8x16_splat('9'));

  u64 alike = moved(names, carry->names, name_length) & (last << 1 | carry->last) & ~visible;
  *carry = (Carry){
      .lines = lines,
      .names = names,
      .line = newlines >> 63,
      .number = numbers > number_ends,
      .source = number_ends >> 63 | (source_ends < visible),
      .name = blanks >> 63,
      .last = last >> 63,
  };
  return (Told){newlines, trouble, alike};
}

/** Which of these ends are of such a name. */
INLINE u64 ends_of(const ShortName *name, const u8 *at, u64 ends) {
  u64 found = 0;
  for (; ends; ends &= ends - 1) {
    const u8 *begin = at + __builtin_ctzll(ends) - name->length;
    if (!wasm_v128_any_true(wasm_v128_xor(short_bytes(begin, name->length), name->bytes))) found |= ends & -ends;
  }
  return found;
}

/**
 * Where the first line begins that has the asked name, or is not of the form for all that can be told.
 *
 * @param passed - Is counted up by the lines in front of it.
 */
static const u8 *behind_others(const u8 *line, const u8 *end, Form form, ShortName asked, u32 *passed) {
  Bytes bytes = bytes_of(&form, asked.last);
  Carry carry = {.line = 1};
  u32 count = 0;
  if (form.digits == 0) return line;
  for (const u8 *at = line; at < end && at - line < LONGEST_LINE; at += 64) {
    Block block = block_at(at);
    Told told = tell(&block, &bytes, &form, asked.length, &carry);
    u64 trouble = told.trouble | ends_of(&asked, at, told.alike), newlines = told.newlines;
    if (end - at < 64) trouble |= ~0ull << (end - at);
    if (trouble) newlines &= (trouble & -trouble) - 1;
    if (newlines) line = at + 64 - __builtin_clzll(newlines);
    count += (u32)__builtin_popcountll(newlines);
    if (trouble) break;
  }
  *passed += count;
  return line;
}
