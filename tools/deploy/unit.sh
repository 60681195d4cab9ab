# Boots a machine with systemd, and installs Daybook there as an operator would.
source tools/deploy/common.sh
root=$folder/unit
cp --archive "$folder/base" "$root"
cp "$folder/daybook.tgz" "$root/root/"
quiet
chroot "$root" apt-get update
DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install --yes --no-install-recommends \
  curl dbus jq postgresql sudo systemd systemd-sysv
# The machine has no network once it runs.
npm=$(documented 'Under systemd' | grep '^npm install')
chroot "$root" sh -c "${npm/%daybook//root/daybook.tgz}"
loud

echo localhost > "$root/etc/hostname"
echo 127.0.0.1 localhost > "$root/etc/hosts"
options=(--directory="$root" --boot --private-network --console=pipe --bind-ro="$folder/checkout:/daybook")
# Where this machine has no systemd there is nobody to ask for a cgroup, or to register with.
[[ -d /run/systemd/system ]] || options+=(--register=no --keep-unit)
systemd-nspawn "${options[@]}" &> "$folder/log" < /dev/null &
booted=$!
end() {
  # Once is a shutdown.
  kill "$booted" && wait "$booted" || true
}
trap end EXIT

inside() {
  nsenter --target "$(pgrep --parent "$booted")" --all \
    env --ignore-environment HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    bash -euo pipefail -c "cd /daybook && $1"
}
check 'a machine boots' soon inside 'systemctl is-system-running --wait'
inside 'source tools/deploy/operator.sh'
