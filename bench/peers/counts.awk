# Events of each customer in each hour as an awk program, written for mawk.
#
# Prints CUSTOMER HOUR EVENTS none. Unlike daybook it knows neither quotes nor zones, and takes any text for a
# time; the logs of this benchmark are of UTC and have no quotes.

BEGIN { FS = "," }

{ events[$1 " " substr($4, 1, 10) "T" substr($4, 12, 2)]++ }

END {
  for (bucket in events)
    printf "%s:00:00Z %d none\n", bucket, events[bucket]
}
