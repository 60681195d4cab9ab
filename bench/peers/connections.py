"""Connections in Python, with its standard library.

hosts HOST FROM THROUGH LOG   prints NAME INBOUND OUTBOUND for each peer of HOST, times inclusive
top LOG                       prints NAME CONNECTIONS for each host that made connections

Lines stay bytes. Unlike in daybook a vertical tab, a form feed and a carriage return part fields; the
logs of this benchmark have none.
"""

import sys

LAST = 1 << 53
DISORDER_MS = 5 * 60 * 1000


def hosts(path, host, first, through):
    """Counts the connections of each peer of a host, those it made and those it received."""
    inbound, outbound = {}, {}
    with open(path, "rb", buffering=1 << 20) as log:
        for line in log:
            try:
                time, source, target = line.split()
            except ValueError:
                continue  # not three fields
            # Few records are of the host: only theirs are looked at further.
            if source != host and target != host or not time.isdigit():
                continue
            time = int(time)
            if time > LAST or time < first:
                continue
            if time > through:
                if time > through + DISORDER_MS:
                    break  # a record may be up to five minutes behind its place
                continue
            if target == host:
                inbound[source] = inbound.get(source, 0) + 1
            if source == host:
                outbound[target] = outbound.get(target, 0) + 1
    for peer in inbound.keys() | outbound.keys():
        yield f"{peer.decode()} {inbound.get(peer, 0)} {outbound.get(peer, 0)}\n"


def top(path):
    """Counts the connections that each host made."""
    connections = {}
    with open(path, "rb", buffering=1 << 20) as log:
        for line in log:
            try:
                time, source, _ = line.split()
                if time.isdigit() and int(time) <= LAST:
                    connections[source] += 1
            except ValueError:
                continue  # not three fields
            except KeyError:
                connections[source] = 1
    for host, count in connections.items():
        yield f"{host.decode()} {count}\n"


if sys.argv[1] == "hosts":
    _, _, host, first, through, path = sys.argv
    sys.stdout.writelines(hosts(path, host.encode(), int(first), int(through)))
else:
    sys.stdout.writelines(top(sys.argv[2]))
