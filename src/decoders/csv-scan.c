// Reads the usual rows of CSV: the hot loop of csv-usual.ts, where bytes can be compared sixteen at a time. Built into
// csv-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does, but for times without a zone, which
// it leaves to it.

#include "name-table.h"
#include "second-of-day.h"

#define MOST_COLUMNS 256
#define ID_BYTES (EVENTS * 64)
#define MOST_RECORD (1 << 20)
#define MOST_NUMBERS (1ull << 53)
#define DAY 86400
#define SHORT_DIGITS 15
#define SMALL 0x20 // makes a letter a small one

/** What is in each column: nothing that is read, or one of these. */
enum { SUBJECT = 1, TIME, TYPE, ID, VALUE };
EXPORT u8 roles[MOST_COLUMNS];

EXPORT u32 type[EVENTS];
EXPORT long long value[EVENTS];
EXPORT u8 scale[EVENTS];
/** Ids, one behind the other, and where each ends. */
EXPORT u8 ids[ID_BYTES + 16];
EXPORT u32 id_end[EVENTS];

/** The date of the last time: its ten bytes, and the seconds from the epoch to its beginning. */
static u64 date_front;
static u32 date_back;
static double date_start;
static int date_exists;

/** How numbers become milliseconds. */
static double times, per;

INLINE int is_digit(u8 byte) { return (u8)(byte - '0') < 10; }

/** The number that two digits make, above 99 if they are none. */
INLINE u32 two_digits(const u8 *at) {
  return is_digit(at[0]) && is_digit(at[1]) ? (u32)(at[0] - '0') * 10 + (u32)(at[1] - '0') : 1000;
}

INLINE int is_delimiter(u8 byte) { return byte == ',' || byte == '\n' || byte == '\r' || byte == '"'; }

/** Where the first comma, quote or line end stands. There is a line end. */
INLINE const u8 *cell_end(const u8 *at) {
  for (;; at += 16)
    for (u32 low = wasm_i8x16_bitmask(wasm_u8x16_le(wasm_v128_load(at), wasm_u8x16_splat(','))); low; low &= low - 1) {
      u32 i = (u32)__builtin_ctz(low);
      if (is_delimiter(at[i])) return at + i;
    }
}

/** Takes note of the date at a place, if there is one of that form. Days are reckoned as in csv-time.ts. */
static int turn_to_date(const u8 *at) {
  u32 century = two_digits(at), years = two_digits(at + 2), month = two_digits(at + 5), day = two_digits(at + 8);
  if (century > 99 || years > 99 || at[4] != '-') return 0;
  date_front = load(at);
  date_back = load_half(at + 8) & 0xffff;
  date_exists = 0;
  if (at[7] != '-' || month < 1 || month > 12 || day < 1) return 1;
  u32 year = century * 100 + years;
  u32 leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > (month == 2 ? 28 + leap : 30 + ((month + (month >> 3)) & 1))) return 1;
  int y = (int)year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
  u32 year_of_era = (u32)(y - era * 400);
  u32 day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  u32 day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  date_start = (double)(era * 146097 + (int)day_of_era - 719468) * DAY;
  date_exists = 1;
  return 1;
}

/** Reads a whole number since the epoch. Returns where it ends, 0 if there is none or it is too great. */
static const u8 *read_number(const u8 *at, double *instant) {
  int is_negative = *at == '-';
  const u8 *first = at += is_negative;
  u64 number = 0;
  for (; is_digit(*at) && at - first < 17; at++) number = number * 10 + (u64)(*at - '0');
  if (at == first || number > MOST_NUMBERS) return 0;
  double ms = (double)(long long)number * times;
  if (ms > (double)(long long)MOST_NUMBERS) return 0;
  *instant = number == 0 ? 0 : __builtin_floor((is_negative ? -ms : ms) / per);
  return at;
}

/** Reads a time. Returns where it ends, 0 if there is none, or none with a zone. */
INLINE const u8 *read_time(const u8 *at, double *instant) {
  if (load(at) != date_front || (load_half(at + 8) & 0xffff) != date_back)
    if (!turn_to_date(at)) return read_number(at, instant);
  int second = second_of_day(load(at + 11));
  if (!date_exists || second < 0 || (at[10] != ' ' && (at[10] | SMALL) != 't')) return 0;
  at += 19;
  double ms = (date_start + second) * 1000;
  if (*at == '.') {
    if (!is_digit(*++at)) return 0;
    for (u32 weight = 100; is_digit(*at); at++, weight /= 10) ms += (double)((u32)(*at - '0') * weight);
  }
  if (*at == ' ') at++;
  if ((*at | SMALL) == 'z') {
    *instant = ms;
    return at + 1;
  }
  if (*at != '+' && *at != '-') return 0;
  u32 hours = two_digits(at + 1), minutes = 0;
  double sign = *at == '+' ? -60000 : 60000;
  at += 3;
  if (*at == ':' || is_digit(*at)) {
    at += *at == ':';
    minutes = two_digits(at);
    at += 2;
  }
  if (hours > 23 || minutes > 59) return 0;
  *instant = ms + sign * (hours * 60 + minutes);
  return at;
}

/** Reads a decimal of up to 15 digits. Returns where it ends, 0 if there is none. */
static const u8 *read_value(const u8 *at, u32 event) {
  int is_negative = *at == '-';
  const u8 *first = at += is_negative || *at == '+';
  long long whole = 0;
  u32 places = 0;
  while (is_digit(*at) && at - first <= SHORT_DIGITS) whole = whole * 10 + (*at++ - '0');
  if (at == first) return 0;
  if (*at == '.') {
    const u8 *decimals = ++at;
    while (is_digit(*at) && at - first <= SHORT_DIGITS) whole = whole * 10 + (*at++ - '0');
    places = (u32)(at - decimals);
    if (places == 0) return 0;
  }
  if (at - first > SHORT_DIGITS) return 0;
  value[event] = is_negative ? -whole : whole;
  scale[event] = (u8)places;
  return at;
}

/** Takes an id of ASCII that stands in a cell. Returns where it ends in `ids`, 0 if it is none, or there is no room. */
INLINE u32 take_id(const u8 *from, const u8 *to, u32 at) {
  u32 length = (u32)(to - from);
  if (length == 0 || length > ID_BYTES - at) return 0;
  u32 high = 0;
  for (u32 i = 0; i < length; i += 16) {
    v128_t bytes = wasm_v128_load(from + i);
    u32 ours = length - i < 16 ? (1u << (length - i)) - 1 : 0xffff;
    high |= wasm_i8x16_bitmask(bytes) & ours;
    wasm_v128_store(ids + at + i, bytes);
  }
  return high ? 0 : at + length;
}

/** Says how numbers become milliseconds: times one, divided by the other, and cut. */
EXPORT void set_unit(double unit_times, double unit_per) {
  times = unit_times;
  per = unit_per;
}

/**
 * Reads rows in the buffer, up to one that is not usual or `room` of them: so many cells without quotes, the last one
 * with such a byte behind it, known names. Returns how many.
 */
EXPORT u32 scan(u32 from, u32 to, u32 room, u32 width, u32 line_end) {
  const u8 *at = buffer + from, *end = buffer + to;
  u32 count = 0, id_at = 0;
  begin();
  while (at < end && count < room) {
    const u8 *cell = at;
    u32 ids_end = id_at;
    for (u32 column = 0; column < width; column++) {
      u8 delimiter = column + 1 < width ? ',' : (u8)line_end;
      int name;
      switch (roles[column]) {
      case SUBJECT:
      case TYPE: {
        Name found_name = name_until(cell, end, delimiter);
        name = find(found_name);
        if (name < 0) goto stop;
        (roles[column] == SUBJECT ? subject : type)[count] = (u32)name;
        cell = found_name.at + found_name.length;
        break;
      }
      case TIME:
        cell = read_time(cell, &time[count]);
        if (!cell) goto stop;
        break;
      case VALUE:
        cell = read_value(cell, count);
        if (!cell) goto stop;
        break;
      case ID: {
        const u8 *behind = cell_end(cell);
        ids_end = take_id(cell, behind, id_at);
        if (!ids_end) goto stop;
        cell = behind;
        break;
      }
      default:
        cell = cell_end(cell);
      }
      if (*cell++ != delimiter) goto stop;
    }
    if (line_end == '\r' && *cell++ != '\n') break;
    if (cell - at > MOST_RECORD) break;
    position[count] = (u32)(at - buffer);
    id_end[count] = id_at = ids_end;
    count++;
    at = cell;
  }
stop:
  stopped = (u32)(at - buffer);
  return count;
}
