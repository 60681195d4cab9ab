# Connections that each host made as an awk program, written for mawk.
#
# Prints NAME CONNECTIONS. Unlike daybook it does not know lines that end with a carriage return; the logs
# of this benchmark have none.

NF == 3 && $1 !~ /[^0-9]/ && $1 <= 9007199254740992 { connections[$2]++ }

END {
  for (host in connections)
    printf "%s %d\n", host, connections[host]
}
