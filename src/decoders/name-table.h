// What the scans share: the bytes they read, sixteen at a time, and the table of the names they know.

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 __attribute__((aligned(1), may_alias)) u64_at_any_byte;
typedef u32 __attribute__((aligned(1), may_alias)) u32_at_any_byte;

#define EXPORT __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#define EVENTS 4096
#define MOST_MET (2 * EVENTS) // two names an event
#define MOST_LEFT 1024
#define LONGEST_LINE 4096 // that is read so; others are left to who minds how long a line may be
#define LONGEST_NAME 4096
#define SHORTER_THAN 16 // a name that stands, with its end, in the sixteen bytes read at first
#define MOST_SLOTS (1u << 21)
#define ENTRY_BYTES (48u << 20)

/** What is read from, and one array for each column that every scan writes. */
EXPORT u8 buffer[(1 << 20) + (1 << 18) + 256];
EXPORT double time[EVENTS];
EXPORT u32 subject[EVENTS], position[EVENTS];

/** A name where it stands: its first two words of eight bytes, padded with zeros, and the hash of all of it. */
typedef struct {
  const u8 *at;
  u32 length;
  u64 first, second, hash;
} Name;

/** A known name: its words of eight bytes, at least two, the last one not full and padded with zeros. */
typedef struct {
  u32 id, length;
  u64 words[];
} Entry;

static u32 slots[MOST_SLOTS], mask, known, used;
static u64 entries[ENTRY_BYTES / 8];
static u64 seed;
/** Where the record begins at which the last scan stopped. */
EXPORT u32 stopped;
/** The number of the next name that a scan meets first, and how many it has met: where they stand in the buffer. */
EXPORT u32 next_id, met, met_at[MOST_MET], met_length[MOST_MET];

/**
 * Lines without a record that the last scan left behind: where they stand in the buffer, what they are, and how many
 * lines and events it had read before.
 */
EXPORT u32 left, left_at[MOST_LEFT], left_end[MOST_LEFT], verdict[MOST_LEFT], lines_before[MOST_LEFT];
EXPORT u32 events_before[MOST_LEFT];

INLINE u64 load(const u8 *at) { return *(const u64_at_any_byte *)at; }
INLINE u32 load_half(const u8 *at) { return *(const u32_at_any_byte *)at; }
INLINE u64 low_bytes(u64 word, u32 count) { return word & ((1ull << (count * 8)) - 1); }

/** A bit for each of sixteen bytes that is such a one. */
INLINE u32 found(const u8 *at, u8 byte) {
  return wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(at), wasm_i8x16_splat((signed char)byte)));
}

INLINE u64 mix(u64 hash, u64 word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

INLINE u32 words_of(u32 length) { return length < SHORTER_THAN ? 2 : length / 8 + 1; }

/** A word of a name behind the first two. */
INLINE u64 later_word(const u8 *name, u32 length, u32 word) {
  u64 bytes = load(name + 8 * word);
  return word < length / 8 ? bytes : low_bytes(bytes, length & 7);
}

/** Up to sixteen bytes, and zeros. */
INLINE v128_t short_bytes(const u8 *at, u32 length) {
  static const u8 ones_then_zeros[32] = {[0 ... 15] = 0xff};
  return wasm_v128_and(wasm_v128_load(at), wasm_v128_load(ones_then_zeros + 16 - length));
}

INLINE Name short_name(const u8 *at, u32 length) {
  v128_t bytes = short_bytes(at, length);
  u64 first = (u64)wasm_i64x2_extract_lane(bytes, 0), second = (u64)wasm_i64x2_extract_lane(bytes, 1);
  return (Name){at, length, first, second, mix(mix(seed, first), second)};
}

static Name name_of(const u8 *at, u32 length) {
  if (length < SHORTER_THAN) return short_name(at, length);
  Name name = short_name(at, 16);
  name.length = length;
  for (u32 i = 2; i < words_of(length); i++) name.hash = mix(name.hash, later_word(at, length, i));
  return name;
}

static Name long_name(const u8 *at, const u8 *end, u8 delimiter) {
  u32 ends = 0;
  const u8 *p = at;
  while (p < end && !(ends = found(p, delimiter))) p += 16;
  return name_of(at, ends ? (u32)(p - at) + (u32)__builtin_ctz(ends) : 0);
}

/** The name in front of a delimiter; an empty one if there is no delimiter before `end`. */
INLINE Name name_until(const u8 *at, const u8 *end, u8 delimiter) {
  u32 ends = found(at, delimiter);
  return ends ? short_name(at, (u32)__builtin_ctz(ends)) : long_name(at, end, delimiter);
}

/** Whether an entry of the same length and first two words is the same to its end. */
static int same_rest(const Entry *entry, const Name *name) {
  for (u32 i = 2; i < words_of(name->length); i++)
    if (entry->words[i] != later_word(name->at, name->length, i)) return 0;
  return 1;
}

INLINE Entry *entry_of(const Name *name) {
  for (u32 slot = (u32)name->hash & mask;; slot = (slot + 1) & mask) {
    if (!slots[slot]) return 0;
    Entry *entry = (Entry *)(entries + slots[slot]);
    if ((entry->words[0] ^ name->first) | (entry->words[1] ^ name->second) | (entry->length ^ name->length)) continue;
    if (name->length < SHORTER_THAN || same_rest(entry, name)) return entry;
  }
}

/** The id of a name, −1 if it is unknown, as are empty ones and those beyond `LONGEST_NAME`. */
INLINE int find(Name name) {
  const Entry *entry = entry_of(&name);
  return entry ? (int)entry->id : -1;
}

/** Forgets all names. */
EXPORT void forget(u32 seed_low, u32 seed_high) {
  seed = (u64)seed_high << 32 | seed_low;
  for (u32 i = 0; i <= mask; i++) slots[i] = 0;
  mask = (1 << 10) - 1;
  known = 0;
  used = 1; // so that no entry is at 0, which is an empty slot
}

static void place(u32 at) {
  const Entry *entry = (const Entry *)(entries + at);
  u64 hash = seed;
  for (u32 i = 0; i < words_of(entry->length); i++) hash = mix(hash, entry->words[i]);
  u32 slot = (u32)hash & mask;
  while (slots[slot]) slot = (slot + 1) & mask;
  slots[slot] = at;
}

/** Puts a name in that is not here. Returns 0 where there is no room for it: it stays unknown. */
static int put(const Name *name, u32 id) {
  u32 length = name->length, words = words_of(length);
  if (length == 0 || length > LONGEST_NAME) return 0;
  if (used + 1 + words > ENTRY_BYTES / 8 || (known + 1) * 2 > MOST_SLOTS) return 0;
  Entry *entry = (Entry *)(entries + used);
  entry->id = id;
  entry->length = length;
  entry->words[0] = name->first;
  entry->words[1] = name->second;
  for (u32 i = 2; i < words; i++) entry->words[i] = later_word(name->at, length, i);
  // Seven slots in eight stay empty, if there are enough: having to look at a second one cannot be predicted, and
  // so costs more than all else.
  if (++known * 8 > mask && mask + 1 < MOST_SLOTS) {
    for (u32 i = 0; i <= mask; i++) slots[i] = 0;
    mask = mask * 2 + 1;
    for (u32 at = 1; at < used; at += 1 + words_of(((Entry *)(entries + at))->length)) place(at);
  }
  place(used);
  used += 1 + words;
  return 1;
}

/** Learns the name that stands in the buffer, or its new number. */
EXPORT void learn(u32 from, u32 length, u32 id) {
  Name name = name_of(buffer + from, length);
  Entry *entry = entry_of(&name);
  if (entry) entry->id = id;
  else put(&name, id);
}

/** The id of a name that was not found a moment ago: of a name met first, unless there is no room for it. */
static inline int meet(Name name) {
  int id = find(name); // a record may have it twice
  if (id >= 0 || met == MOST_MET || !put(&name, next_id)) return id;
  met_at[met] = (u32)(name.at - buffer);
  met_length[met++] = name.length;
  return (int)next_id++;
}

/** Begins a scan. */
INLINE void begin(void) { met = left = 0; }

/** Leaves a line behind. Returns 0 where there is no room to tell of it. */
INLINE int leave(const u8 *at, const u8 *end, u32 what, u32 lines, u32 events) {
  if (left == MOST_LEFT) return 0;
  left_at[left] = (u32)(at - buffer);
  left_end[left] = (u32)(end - buffer);
  lines_before[left] = lines;
  events_before[left] = events;
  verdict[left++] = what;
  return 1;
}
