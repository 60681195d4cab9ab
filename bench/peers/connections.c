// Connections as a plain C program: one thread, the log mapped into memory, an open-addressing table.
//
// hosts HOST FROM THROUGH LOG   prints NAME INBOUND OUTBOUND for each peer of HOST, times inclusive
// search HOST FROM THROUGH LOG  the same, reading only the lines in which HOST is found as a text
// top LOG                       prints NAME CONNECTIONS for each host that made connections
//
// Rows are in order of connections, most first, then of names. A record may be up to five minutes behind
// its place, so reading ends at one that is later than that after the range.
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum { DISORDER_MS = 5 * 60 * 1000 };
static const int64_t LATEST = (int64_t)1 << 53;

typedef struct {
  const char *text;
  uint32_t length, hash;
} Name;

typedef struct {
  int64_t time;
  Name source, target;
} Record;

typedef struct {
  Name name;
  int64_t made, received;  // connections; of a peer: with the asked host
} Host;

static Host *hosts;
static uint32_t *slots;  // hosts, counted from 1
static uint32_t host_count, capacity = 1024, mask;

static void *checked(void *memory) {
  if (!memory) perror("connections"), exit(1);
  return memory;
}

static void place(uint32_t host) {
  uint32_t at = hosts[host].name.hash & mask;
  while (slots[at]) at = (at + 1) & mask;
  slots[at] = host + 1;
}

static void grow(void) {
  capacity *= 2;
  hosts = checked(realloc(hosts, capacity * sizeof *hosts));
  free(slots);
  slots = checked(calloc(capacity * 8, sizeof *slots));  // mostly empty: few names meet
  mask = capacity * 8 - 1;
  for (uint32_t i = 0; i < host_count; i++) place(i);
}

static Host *add(Name name) {
  if (host_count == capacity) grow();
  // A copy, since names that lie close together stay in the processor's cache.
  name.text = memcpy(checked(malloc(name.length)), name.text, name.length);
  hosts[host_count] = (Host){.name = name};
  place(host_count);
  return &hosts[host_count++];
}

static int is_same(Name a, Name b) { return a.length == b.length && memcmp(a.text, b.text, a.length) == 0; }

static inline Host *find(Name name) {
  for (uint32_t at = name.hash & mask; slots[at]; at = (at + 1) & mask) {
    Host *host = &hosts[slots[at] - 1];
    if (host->name.hash == name.hash && is_same(host->name, name)) return host;
  }
  return add(name);
}

static int is_blank(char c) { return c == ' ' || c == '\t'; }

static const char *skip_blanks(const char *p) {
  while (is_blank(*p)) p++;
  return p;
}

// Reads up to a blank or a control character, eight characters at a time: the length of a name cannot be
// predicted, and a loop over characters is mispredicted once for each name. The hash costs nothing where
// it is not used, since this is inlined.
static inline __attribute__((always_inline)) Name name_at(const char *p) {
  const uint64_t ones = 0x0101010101010101u;
  const char *text = p;
  uint64_t hash = 0;
  for (;; p += 8) {
    uint64_t word;
    memcpy(&word, p, 8);  // little-endian
    uint64_t ends = (word - ones * 0x21) & ~word & ones * 0x80;  // in the lowest byte below 0x21, exactly
    if (ends) word &= ((ends & -ends) >> 7) - 1;
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    if (ends) return (Name){text, p + __builtin_ctzll(ends) / 8 - text, hash};
  }
}

// Reads the record at the start of a line and returns where its line ends, NULL if it is none.
static inline __attribute__((always_inline)) const char *read_record(const char *p, const char *stop, Record *record) {
  p = skip_blanks(p);
  const char *digits = p;
  int64_t time = 0;
  while (*p >= '0' && *p <= '9') time = time * 10 + *p++ - '0';
  if (p == digits || p - digits > 16 || time > LATEST || !is_blank(*p)) return NULL;
  Name source = name_at(skip_blanks(p));
  p = source.text + source.length;
  if (source.length == 0 || !is_blank(*p)) return NULL;
  Name target = name_at(skip_blanks(p));
  p = skip_blanks(target.text + target.length);
  if (target.length == 0) return NULL;
  if (*p == '\r') p++;
  if (p < stop && *p != '\n') return NULL;
  *record = (Record){time, source, target};
  return p;
}

static const char *line_end(const char *p, const char *stop) {
  const char *end = memchr(p, '\n', stop - p);
  return end ? end : stop;
}

static void count_all(const char *at, const char *stop) {
  Record record;
  for (const char *end; at < stop; at = end + 1) {
    end = read_record(at, stop, &record);
    if (end) find(record.source)->made++;
    else end = line_end(at, stop);
  }
}

static void count_peer(Record record, Name asked) {
  if (is_same(record.target, asked)) find(name_at(record.source.text))->made++;
  if (is_same(record.source, asked)) find(name_at(record.target.text))->received++;
}

static void count_peers(const char *at, const char *stop, Name asked, int64_t from, int64_t through) {
  Record record;
  for (const char *end; at < stop; at = end + 1) {
    end = read_record(at, stop, &record);
    if (!end) end = line_end(at, stop);
    else if (record.time > through + DISORDER_MS) break;
    else if (record.time >= from && record.time <= through) count_peer(record, asked);
  }
}

static void search_peers(const char *at, const char *stop, Name asked, int64_t from, int64_t through) {
  Record record;
  for (const char *found; at < stop && (found = memmem(at, stop - at, asked.text, asked.length));) {
    const char *before = memrchr(at, '\n', found - at);
    const char *end = read_record(before ? before + 1 : at, stop, &record);
    if (end && record.time > through + DISORDER_MS) break;
    if (end && record.time >= from && record.time <= through) count_peer(record, asked);
    at = line_end(found, stop) + 1;
  }
}

static int by_connections(const void *left, const void *right) {
  const Host *a = left, *b = right;
  int64_t of_a = a->made + a->received, of_b = b->made + b->received;
  if (of_a != of_b) return of_a < of_b ? 1 : -1;
  uint32_t shorter = a->name.length < b->name.length ? a->name.length : b->name.length;
  int order = memcmp(a->name.text, b->name.text, shorter);
  return order ? order : (int)a->name.length - (int)b->name.length;
}

int main(int argc, char **argv) {
  const char *mode = argc > 1 ? argv[1] : "";
  int is_top = strcmp(mode, "top") == 0, is_search = strcmp(mode, "search") == 0;
  if (is_top ? argc != 3 : argc != 6 || !(is_search || strcmp(mode, "hosts") == 0))
    return fprintf(stderr, "usage: connections hosts|search HOST FROM THROUGH LOG, or top LOG\n"), 2;
  const char *path = argv[argc - 1];
  int file = open(path, O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) return perror(path), 1;
  if (info.st_size == 0) return 0;
  // Zeros behind the log, so that eight characters can be read at its very end.
  char *log = mmap(NULL, info.st_size + 8, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (log == MAP_FAILED) return perror(path), 1;
  if (mmap(log, info.st_size, PROT_READ, MAP_PRIVATE | MAP_FIXED, file, 0) != log) return perror(path), 1;
  madvise(log, info.st_size, MADV_SEQUENTIAL);
  grow();

  const char *stop = log + info.st_size;
  if (is_top) {
    count_all(log, stop);
  } else {
    Name asked = {argv[2], strlen(argv[2]), 0};
    (is_search ? search_peers : count_peers)(log, stop, asked, atoll(argv[3]), atoll(argv[4]));
  }
  qsort(hosts, host_count, sizeof *hosts, by_connections);
  for (uint32_t i = 0; i < host_count; i++) {
    Host *host = &hosts[i];
    printf("%.*s %" PRId64, (int)host->name.length, host->name.text, host->made);
    if (!is_top) printf(" %" PRId64, host->received);
    putchar('\n');
  }
  return 0;
}
