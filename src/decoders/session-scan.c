// Reads the usual records of a session log: the hot loop of ../session-log.ts, where bytes can be compared
// eight at a time. Built into session-scan-wasm.ts by `npm run wasm`; it must do what its TypeScript twin does.

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 __attribute__((aligned(1), may_alias)) u64_at_any_byte;
typedef u32 __attribute__((aligned(1), may_alias)) u32_at_any_byte;

#define EXPORT __attribute__((visibility("default")))
#define EVENTS 4096
#define LONGEST_NAME 4096
#define MOST_SLOTS (1u << 20)
#define ENTRY_BYTES (48u << 20)

#define EVERY_BYTE(x) ((u64)(x) * 0x0101010101010101ull)
#define HEAD_END 0x0a646e45u    // "End\n"
#define HEAD_START 0x72617453u  // "Star"
#define TAIL_START 0x0a747261u  // "art\n"

/** What is read from, and one array for each column of what was read. */
EXPORT u8 buffer[(1 << 20) + (1 << 16) + 256];
EXPORT double time[EVENTS];
EXPORT u32 subject[EVENTS], position[EVENTS];
EXPORT u8 kind[EVENTS];

/** A known name: its words of eight bytes, the last one padded with zeros. */
typedef struct {
  u32 id, length;
  u64 words[];
} Entry;

static u32 slots[MOST_SLOTS], mask, known, used;
static u64 entries[ENTRY_BYTES / 8];
static u64 seed;
static u32 stopped;

static u64 mix(u64 hash, u64 word) {
  hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

/** Marks the lowest byte that is a blank, and perhaps others above it. */
static u64 blanks_in(u64 word) {
  word ^= EVERY_BYTE(' ');
  return (word - EVERY_BYTE(1)) & ~word & EVERY_BYTE(0x80);
}

static u64 load(const u8 *at) { return *(const u64_at_any_byte *)at; }
static u32 load_half(const u8 *at) { return *(const u32_at_any_byte *)at; }
static u64 low_bytes(u64 word, u32 count) { return word & ((1ull << (count * 8)) - 1); }

/** Forgets all names. */
EXPORT void forget(u32 seed_low, u32 seed_high) {
  seed = (u64)seed_high << 32 | seed_low;
  for (u32 i = 0; i <= mask; i++) slots[i] = 0;
  mask = (1 << 10) - 1;
  known = 0;
  used = 1; // so that no entry is at 0, which is an empty slot
}

static u64 hash_of(const u64 *words, u32 length) {
  u64 hash = seed;
  for (u32 i = 0; i <= length / 8; i++) hash = mix(hash, words[i]);
  return hash;
}

static int find(u64 hash, const u8 *name, u32 length, u64 last);

static void place(u32 entry) {
  const Entry *name = (const Entry *)(entries + entry);
  u32 slot = (u32)hash_of(name->words, name->length) & mask;
  while (slots[slot]) slot = (slot + 1) & mask;
  slots[slot] = entry;
}

/** Learns the name that stands in the buffer, if it is new. Without room for it, it stays unknown. */
EXPORT void learn(u32 from, u32 length, u32 id) {
  u32 words = length / 8 + 1;
  u64 hash = seed, last = low_bytes(load(buffer + from + (length & ~7u)), length & 7);
  for (u32 i = 0; i + 1 < words; i++) hash = mix(hash, load(buffer + from + 8 * i));
  if (find(mix(hash, last), buffer + from, length, last) >= 0) return;
  if (length > LONGEST_NAME || used + 1 + words > ENTRY_BYTES / 8 || (known + 1) * 2 > MOST_SLOTS) return;
  Entry *name = (Entry *)(entries + used);
  name->id = id;
  name->length = length;
  for (u32 i = 0; i + 1 < words; i++) name->words[i] = load(buffer + from + 8 * i);
  name->words[words - 1] = last;
  if (++known * 2 > mask) {
    for (u32 i = 0; i <= mask; i++) slots[i] = 0;
    mask = mask * 2 + 1;
    for (u32 at = 1; at < used; at += 1 + ((Entry *)(entries + at))->length / 8 + 1) place(at);
  }
  place(used);
  used += 1 + words;
}

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

/** The id of a name whose hash is known, −1 if it is unknown. `last` is its last word, padded. */
static int find(u64 hash, const u8 *name, u32 length, u64 last) {
  for (u32 slot = (u32)hash & mask;; slot = (slot + 1) & mask) {
    if (!slots[slot]) return -1;
    const Entry *entry = (const Entry *)(entries + slots[slot]);
    u32 word = 0;
    if (entry->length != length) continue;
    while (word < length / 8 && entry->words[word] == load(name + 8 * word)) word++;
    if (word == length / 8 && entry->words[word] == last) return (int)entry->id;
  }
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
    const u8 *name = at + 9, *p = name;
    u64 hash = seed, word = load(p), blanks = blanks_in(word);
    while (!blanks && p < end) {
      hash = mix(hash, word);
      p += 8;
      word = load(p);
      blanks = blanks_in(word);
    }
    if (!blanks) break;
    u32 rest = (u32)__builtin_ctzll(blanks) / 8;
    word = low_bytes(word, rest);
    hash = mix(hash, word);
    u32 length = (u32)(p - name) + rest;
    if (length == 0 || length > LONGEST_NAME) break;
    // Which of the two markers it is cannot be predicted, so it is reckoned instead of branched on.
    const u8 *marker = name + length + 1;
    u32 start = (*marker >> 1) & 1; // 'S' has this bit, 'E' has not
    u32 head = HEAD_END + start * (HEAD_START - HEAD_END), tail = HEAD_END + start * (TAIL_START - HEAD_END);
    const u8 *next = marker + 4 + 2 * start;
    if ((load_half(marker) ^ head) | (load_half(next - 4) ^ tail)) break;
    int id = find(hash, name, length, word);
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

/** Where the record begins at which `scan` stopped. */
EXPORT u32 stopped_at(void) { return stopped; }
