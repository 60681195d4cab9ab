// Fair billing as a plain C program: one thread, the log mapped into memory, an open-addressing table.
//
// Prints NAME SESSIONS SECONDS for each user. A log that is not in order of time is refused: this
// program keeps no more than a row for each user, so it could not put records in order.
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

typedef struct {
  char *name;
  uint32_t length, hash;
  int64_t sessions, open_starts;
  int64_t seconds;  // sum of the times of Ends minus sum of the times of Starts
} User;

typedef struct {
  uint32_t hash, user;  // the hash beside the user, counted from 1: most lookups touch one slot and one user
} Slot;

static User *users;
static Slot *slots;
static uint32_t user_count, capacity = 1024, mask;

static void *checked(void *memory) {
  if (!memory) perror("bill"), exit(1);
  return memory;
}

static void grow(void) {
  capacity *= 2;
  users = checked(realloc(users, capacity * sizeof *users));
  free(slots);
  slots = checked(calloc(capacity * 2, sizeof *slots));
  mask = capacity * 2 - 1;
  for (uint32_t i = 0; i < user_count; i++) {
    uint32_t at = users[i].hash & mask;
    while (slots[at].user) at = (at + 1) & mask;
    slots[at] = (Slot){users[i].hash, i + 1};
  }
}

static User *find(const char *name, uint32_t length, uint32_t hash) {
  uint32_t at = hash & mask;
  for (; slots[at].user; at = (at + 1) & mask) {
    if (slots[at].hash != hash) continue;
    User *user = &users[slots[at].user - 1];
    if (user->length == length && memcmp(user->name, name, length) == 0) return user;
  }
  if (user_count == capacity) {
    grow();
    return find(name, length, hash);
  }
  slots[at] = (Slot){hash, user_count + 1};
  User *user = &users[user_count++];
  // A copy, since names that lie close together stay in the processor's cache.
  *user = (User){.name = memcpy(checked(malloc(length)), name, length), .length = length, .hash = hash};
  return user;
}

// A table, since a comparison with three ranges is mispredicted for most characters of a name.
static unsigned char name_characters[256];

static int is_blank(char c) { return c == ' ' || c == '\t'; }
static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_of_name(char c) { return name_characters[(unsigned char)c]; }

// Seconds since midnight of the eight characters HH:MM:SS, -1 if there is no such time.
static int second_of_day(const char *p) {
  if (!(is_digit(p[0]) && is_digit(p[1]) && p[2] == ':' && is_digit(p[3]) && is_digit(p[4]) && p[5] == ':' &&
        is_digit(p[6]) && is_digit(p[7])))
    return -1;
  int hour = (p[0] - '0') * 10 + p[1] - '0', minute = (p[3] - '0') * 10 + p[4] - '0';
  int second = (p[6] - '0') * 10 + p[7] - '0';
  return hour < 24 && minute < 60 && second < 60 ? hour * 3600 + minute * 60 + second : -1;
}

int main(int argc, char **argv) {
  if (argc != 2) return fprintf(stderr, "usage: bill LOG\n"), 2;
  int file = open(argv[1], O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) return perror(argv[1]), 1;
  if (info.st_size == 0) return 0;
  const char *at = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE, file, 0), *stop = at + info.st_size;
  if (at == MAP_FAILED) return perror(argv[1]), 1;
  madvise((void *)at, info.st_size, MADV_SEQUENTIAL);
  for (int c = 0; c < 256; c++)
    name_characters[c] = is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  grow();

  // Times count from the first record, so that an End without a Start needs no more to begin there.
  int64_t first = -1, last = 0;
  char clock[] = "00:00:00";  // of the last record: most have the same
  while (at < stop) {
    const char *p = at;
    while (p < stop && is_blank(*p)) p++;
    if (stop - p < (int64_t)sizeof "HH:MM:SS N End" - 1) break;
    int64_t now = memcmp(p, clock, 8) == 0 ? last : second_of_day(p);
    const char *hour = p;
    p += 8;
    if (now < 0 || !is_blank(*p)) goto junk;
    while (p < stop && is_blank(*p)) p++;

    const char *name = p;
    uint32_t hash = 2166136261u;  // FNV-1a
    for (; p < stop && is_of_name(*p); p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
    uint32_t length = p - name;
    if (length == 0 || p == stop || !is_blank(*p)) goto junk;
    while (p < stop && is_blank(*p)) p++;

    int is_start = stop - p >= 5 && memcmp(p, "Start", 5) == 0;
    if (is_start) p += 5;
    else if (stop - p >= 3 && memcmp(p, "End", 3) == 0) p += 3;
    else goto junk;
    while (p < stop && is_blank(*p)) p++;
    if (p < stop && *p == '\r') p++;
    if (p < stop && *p != '\n') goto junk;
    at = p + 1;

    if (now != last || first < 0) {
      if (now < last) return fprintf(stderr, "%s: not in order of time\n", argv[1]), 1;
      if (first < 0) first = now;
      last = now;
      memcpy(clock, hour, 8);
    }
    User *user = find(name, length, hash);
    if (is_start) {
      user->sessions++;
      user->open_starts++;
      user->seconds -= now - first;
    } else {
      if (user->open_starts > 0) user->open_starts--;
      else user->sessions++;
      user->seconds += now - first;
    }
    continue;

  junk:;
    const char *end = memchr(at, '\n', stop - at);
    at = end ? end + 1 : stop;
  }

  for (uint32_t i = 0; i < user_count; i++) {
    User *user = &users[i];
    int64_t seconds = user->seconds + user->open_starts * (last - first);
    printf("%.*s %" PRId64 " %" PRId64 "\n", (int)user->length, user->name, user->sessions, seconds);
  }
  return 0;
}
