# Fair billing as an awk program, written for mawk. The log must be in order of time.
#
# Prints NAME SESSIONS SECONDS for each user. Unlike daybook it does not know lines that end with a
# carriage return; the logs of this benchmark have none.

BEGIN {
  for (s = 0; s < 86400; s++)
    second[sprintf("%02d:%02d:%02d", int(s / 3600), int(s / 60) % 60, s % 60)] = s
}

# What was right in the record before, or in the user's first record, is not checked again.
NF == 3 && ($3 == "Start" || $3 == "End") && ($1 == clock || $1 in second) &&
($2 in seconds || $2 ~ /^[A-Za-z0-9]+$/) {
  if ($1 != clock) {
    clock = $1
    if (first == "") first = second[clock]
    time = second[clock] - first # from the first record: there an End without a Start began
  }
  name = $2
  if ($3 == "Start") {
    sessions[name]++
    open[name]++
    seconds[name] -= time
  } else {
    if (open[name] > 0) open[name]--
    else sessions[name]++
    seconds[name] += time
  }
}

END {
  for (name in seconds)
    printf "%s %d %d\n", name, sessions[name], seconds[name] + open[name] * time
}
