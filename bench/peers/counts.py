"""Events of each customer in each hour in Python, with its csv module.

Prints CUSTOMER HOUR EVENTS none. Unlike daybook it knows no zones, and takes any text for a time; the logs of
this benchmark are of UTC.
"""

import csv
import sys

events = {}
with open(sys.argv[1], newline="", buffering=1 << 20) as log:
    for customer, _, _, at in csv.reader(log):
        bucket = customer, at[:13]
        try:
            events[bucket] += 1
        except KeyError:
            events[bucket] = 1
sys.stdout.writelines(
    f"{customer} {hour.replace(' ', 'T')}:00:00Z {count} none\n"
    for (customer, hour), count in events.items()
)
