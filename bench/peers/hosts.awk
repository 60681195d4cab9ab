# Connections of one host as an awk program, written for mawk: -v host=NAME -v from=MS -v through=MS
#
# Prints NAME INBOUND OUTBOUND for each peer, times inclusive. Unlike daybook it does not know lines that
# end with a carriage return; the logs of this benchmark have none.

BEGIN {
  host = host "" # a text, also where it is all digits: else 10 would be 1e1
  from += 0
  through += 0
  last = 9007199254740992
  disorder = 5 * 60 * 1000
}

# Fields are compared as texts first: few records are of the host, and only theirs are looked at further.
(($2 "") == host || ($3 "") == host) && NF == 3 && $1 !~ /[^0-9]/ && $1 <= last {
  if ($1 > through + disorder) exit # a record may be up to five minutes behind its place
  if ($1 < from || $1 > through) next
  if (($3 "") == host) { inbound[$2]++; peers[$2] }
  if (($2 "") == host) { outbound[$3]++; peers[$3] }
}

END {
  for (peer in peers)
    printf "%s %d %d\n", peer, inbound[peer], outbound[peer]
}
