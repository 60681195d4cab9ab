# Runs within the machine of unit.sh: what docs/operating.md and the unit say, and what they promise.
source tools/deploy/common.sh
unit=/etc/systemd/system/daybook.service
state() { systemctl show daybook --property "$1" --value; }
is() { [[ $(state "$1") == "$2" ]]; }
nicer() { cut --delimiter=' ' --fields=19 "/proc/$(state MainPID)"/task/*/stat | grep --line-regexp 10; }

# The file that the comment speaks of is written where it stands.
mkdir() {
  command mkdir "$@"
  [[ $1 != /etc/daybook ]] || echo 'store: { path: /var/lib/daybook/daybook.db }' > /etc/daybook/daybook.yaml
}
documented 'Under systemd' | grep --invert-match '^npm install' > /root/install.sh
source /root/install.sh > /root/key
cd /daybook
key=$(tail -n 1 /root/key)

check 'it is ready after its installation' soon ready
check 'it starts with the machine' systemctl is-enabled daybook
check 'without the key it does not answer' exits 22 curl --fail http://127.0.0.1:8000/api/v1/counts
check 'it takes an event' post 1
check 'threads that do not answer give way' nicer
systemctl restart daybook
check 'it knows the event after a restart' soon counted 1

post 2
kill -KILL "$(state MainPID)"
check 'it starts again by itself after it was killed' soon is NRestarts 1
check 'it knows both events then' soon counted 2
check 'it stops in time' timeout 10 systemctl stop daybook
check 'stopping is no failure' is Result success
check 'and its exit code is 0' is ExecMainStatus 0

# Now with all that the unit has only as comments: a secret, a log that a group may read, a folder to write to.
sed --in-place 's/^#\([A-Z]\)/\1/' "$unit"
install --directory --group adm --mode 750 /var/log/app
install --group adm --mode 640 /dev/null /var/log/app/events.csv
install --directory --owner daybook /srv/reports /srv/reports/incoming
echo 'postgres:///platform?host=/run/postgresql' > /etc/daybook/platform-url
chmod 600 /etc/daybook/platform-url
cat > /etc/daybook/daybook.yaml <<'YAML'
store: { path: /var/lib/daybook/daybook.db }
sources:
  followed:
    type: file
    paths: ["/var/log/app/*.csv"]
    format: csv
    columns: { subject: 1, type: 2, time: 4 }
  moved:
    type: directory
    path: /srv/reports/incoming
    done: move
    format: connection-log
databases:
  platform: { type: postgres, url: "${PLATFORM_URL}" }
reports:
  active-users:
    type: activity
    subjects: { database: platform, query: "SELECT 1 AS id, 'Ada' AS name", key: id, columns: [name] }
    activity: { database: platform, query: "SELECT 1 AS id, DATE '2026-02-27' AS day", key: id, time: day }
    days: 30
    destination: { type: file, path: "/srv/reports/{as_of}.csv" }
YAML
systemctl daemon-reload
# Its first start was before the packages of this machine could start anything.
systemctl start 'postgresql@*-main' --all
soon sudo -u postgres createuser daybook
sudo -u postgres createdb --owner daybook platform
systemctl start daybook

check 'it starts with a secret from a file that only root reads' soon ready
install --owner daybook <(echo '1614556800000 a b') /srv/reports/incoming/today.log
echo 'ada,call,1,2026-02-27T10:00:00Z' >> /var/log/app/events.csv
follows() { ask /api/v1/inputs | grep --fixed-strings "/var/log/app/events.csv"; }
check 'it follows a log that a group may read' soon follows
ask /api/v1/reports/active-users/runs --json '{ "as_of": "2026-03-01" }' > /dev/null
check 'it writes a report to the folder that it may write to' soon grep Ada /srv/reports/2026-03-01.csv
check 'it moves what it has counted' soon test -e /srv/reports/incoming/processed/today.log

# Threads and WebAssembly under the directives of the service.
daybook generate sessions --rows 1000000 --output /var/log/app/large.log
chown root:adm /var/log/app/large.log
sed -e 's|^ExecStart=.*|ExecStart=daybook bill --threads 2 --quiet /var/log/app/large.log|' -e 's/^Type=.*/Type=oneshot/' \
  -e '/^Restart/d' "$unit" > /etc/systemd/system/daybook-bill.service
systemctl daemon-reload
check 'a bill can be made in the same confinement' systemctl start daybook-bill
check 'the log is what the documentation reads' \
  bash -o pipefail -c "$(grep --only-matching 'journalctl -u daybook[^`]*' docs/operating.md) | grep listening"
check 'systemd finds nothing in the unit to complain of' test -z "$(systemd-analyze verify "$unit" 2>&1)"
check 'systemd holds it for well confined' systemd-analyze security --threshold=15 daybook

systemctl stop daybook
echo 'nonsense: 1' >> /etc/daybook/daybook.yaml
systemctl start daybook
check 'it ends where the configuration is wrong' soon is ActiveState failed
check 'with the exit code for that' is ExecMainStatus 2
sleep 3
check 'and does not try again' is NRestarts 0
