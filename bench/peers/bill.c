// Fair billing as a plain C program: one thread, mmap, an open-addressing table.
// Valid records are `HH:MM:SS NAME Start|End`; the log must be in time order.
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

typedef struct {
  const char *name;
  uint32_t length, hash;
  int64_t orphans, open, ends, seconds;
} User;

static User *users, **slots;
static uint32_t count, capacity = 1024, mask;

static void grow(void) {
  capacity *= 2;
  users = realloc(users, capacity * sizeof *users);
  free(slots);
  slots = calloc(capacity * 2, sizeof *slots);
  mask = capacity * 2 - 1;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t at = users[i].hash & mask;
    while (slots[at]) at = (at + 1) & mask;
    slots[at] = &users[i];
  }
}

static User *find(const char *name, uint32_t length, uint32_t hash) {
  uint32_t at = hash & mask;
  for (User *user; (user = slots[at]); at = (at + 1) & mask)
    if (user->hash == hash && user->length == length && memcmp(user->name, name, length) == 0) return user;
  if (count == capacity) {
    grow();
    return find(name, length, hash);
  }
  slots[at] = &users[count];
  users[count] = (User){.name = name, .length = length, .hash = hash};
  return &users[count++];
}

static int is_blank(char c) { return c == ' ' || c == '\t'; }
static int is_digit(char c) { return c >= '0' && c <= '9'; }
static int is_alnum(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

int main(int argc, char **argv) {
  int file = open(argv[argc - 1], O_RDONLY);
  struct stat info;
  if (file < 0 || fstat(file, &info) != 0) return perror(argv[argc - 1]), 1;
  if (info.st_size == 0) return 0;
  const char *at = mmap(NULL, info.st_size, PROT_READ, MAP_PRIVATE, file, 0), *stop = at + info.st_size;
  madvise((void *)at, info.st_size, MADV_SEQUENTIAL);
  grow();
  int64_t first = -1, last = 0, records = 0;
  while (at < stop) {
    const char *end = memchr(at, '\n', stop - at), *next;
    next = end ? end + 1 : stop;
    if (!end) end = stop;
    if (end > at && end[-1] == '\r') end--;
    const char *p = at;
    at = next;
    while (p < end && is_blank(*p)) p++;
    while (end > p && is_blank(end[-1])) end--;
    if (end - p < 14) continue;
    if (!(is_digit(p[0]) && is_digit(p[1]) && p[2] == ':' && is_digit(p[3]) && is_digit(p[4]) && p[5] == ':' &&
          is_digit(p[6]) && is_digit(p[7]) && is_blank(p[8])))
      continue;
    int h = (p[0] - '0') * 10 + p[1] - '0', m = (p[3] - '0') * 10 + p[4] - '0', s = (p[6] - '0') * 10 + p[7] - '0';
    if (h > 23 || m > 59 || s > 59) continue;
    p += 9;
    while (is_blank(*p)) p++;
    const char *name = p;
    uint32_t hash = 2166136261u;
    while (p < end && is_alnum(*p)) hash = (hash ^ (unsigned char)*p++) * 16777619u;
    if (p == name || p >= end || !is_blank(*p)) continue;
    uint32_t length = p - name;
    while (p < end && is_blank(*p)) p++;
    int start = end - p == 5 && memcmp(p, "Start", 5) == 0;
    if (!start && !(end - p == 3 && memcmp(p, "End", 3) == 0)) continue;
    int64_t time = h * 3600 + m * 60 + s;
    if (first < 0) first = time;
    last = time;
    records++;
    User *user = find(name, length, hash);
    if (start) {
      user->open++;
      user->seconds -= time;
    } else {
      if (user->open > 0) user->open--;
      else user->orphans++;
      user->ends++;
      user->seconds += time;
    }
  }
  for (uint32_t i = 0; i < count; i++) {
    User *u = &users[i];
    printf("%.*s %ld %ld\n", (int)u->length, u->name, u->ends + u->open, u->seconds + u->open * last - u->orphans * first);
  }
  return 0;
}
