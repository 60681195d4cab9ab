// Connections as a C program that is written to be read: getline, fields cut at blanks, a chained hash table.
//
// hosts HOST FROM THROUGH LOG   prints NAME INBOUND OUTBOUND for each peer of HOST, times inclusive
// top LOG                       prints NAME CONNECTIONS for each host that made connections
//
// A record may be up to five minutes behind its place, so reading ends at one that is later than that after the range.
#define _GNU_SOURCE
#include <ctype.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1 << 16, DISORDER_MS = 5 * 60 * 1000 };
static const int64_t LATEST = (int64_t)1 << 53;

typedef struct Host {
  struct Host *next;
  char *name;
  int64_t made, received; // connections; of a peer: with the asked host
} Host;

static Host *buckets[BUCKETS];

static void *checked(void *memory) {
  if (!memory) perror("connections"), exit(1);
  return memory;
}

static Host *host_of(const char *name) {
  uint32_t hash = 2166136261u; // FNV-1a
  for (const char *p = name; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
  Host **bucket = &buckets[hash % BUCKETS];
  for (Host *host = *bucket; host; host = host->next)
    if (strcmp(host->name, name) == 0) return host;
  Host *host = checked(calloc(1, sizeof *host));
  host->name = checked(strdup(name));
  host->next = *bucket;
  return *bucket = host;
}

// Cuts a line at its blanks. Returns how many fields there are, at most one more than asked for.
static int split(char *line, char *fields[], int most) {
  int count = 0;
  char *rest;
  for (char *field = strtok_r(line, " \t\r\n", &rest); field; field = strtok_r(NULL, " \t\r\n", &rest)) {
    if (count == most) return most + 1;
    fields[count++] = field;
  }
  return count;
}

// The number that a field is, -1 if it is none up to 2^53.
static int64_t number_of(const char *field) {
  int64_t number = 0;
  for (const char *p = field; *p; p++) {
    if (!isdigit((unsigned char)*p) || p - field == 16) return -1;
    number = number * 10 + *p - '0';
  }
  return number <= LATEST ? number : -1;
}

int main(int argc, char **argv) {
  int is_top = argc == 3 && strcmp(argv[1], "top") == 0;
  if (!is_top && (argc != 6 || strcmp(argv[1], "hosts") != 0))
    return fprintf(stderr, "usage: connections-plain hosts HOST FROM THROUGH LOG, or top LOG\n"), 2;
  FILE *log = fopen(argv[argc - 1], "r");
  if (!log) return perror(argv[argc - 1]), 1;
  const char *asked = is_top ? NULL : argv[2];
  int64_t from = is_top ? 0 : atoll(argv[3]), through = is_top ? 0 : atoll(argv[4]);
  char *line = NULL, *fields[3];
  size_t room = 0;
  while (getline(&line, &room, log) > 0) {
    if (split(line, fields, 3) != 3) continue;
    int64_t time = number_of(fields[0]);
    if (time < 0) continue;
    if (is_top) {
      host_of(fields[1])->made++;
      continue;
    }
    if (time > through + DISORDER_MS) break;
    if (time < from || time > through) continue;
    if (strcmp(fields[2], asked) == 0) host_of(fields[1])->made++;
    if (strcmp(fields[1], asked) == 0) host_of(fields[2])->received++;
  }
  for (int i = 0; i < BUCKETS; i++) {
    for (Host *host = buckets[i]; host; host = host->next) {
      printf("%s %" PRId64, host->name, host->made);
      if (!is_top) printf(" %" PRId64, host->received);
      putchar('\n');
    }
  }
  return 0;
}
