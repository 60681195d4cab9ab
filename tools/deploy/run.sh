#!/bin/bash
# Installs Daybook word by word as docs/operating.md says, under systemd and as an image, and holds both to their promises.
# The machine and the base image are stand-ins, made of Debian's packages and the Node.js of this checkout. Needs root, and
# Debian's and npm's packages; takes 4 minutes and 3 GB. `npm test` is left out of the image's build; DAYBOOK_TEST_FULL=1 has it.
# One part only: npm run test:deploy -- unit
set -euo pipefail
cd "$(dirname "$0")/../.."

# Command and its Debian package.
needed=(
  curl:curl
  debootstrap:debootstrap
  ip:iproute2
  podman:podman
  runc:runc
  systemd-nspawn:systemd-container
)

missing=()
for command in "${needed[@]}"; do
  command -v "${command%:*}" >/dev/null || missing+=("${command#*:}")
done
[[ -e /usr/lib/cni/bridge ]] || missing+=(containernetworking-plugins)
if ((${#missing[@]} > 0)); then
  echo "test:deploy: some packages are missing; install them with"
  echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
  exit 1
fi
if ((EUID != 0)); then
  echo 'test:deploy: this boots a machine and runs containers, so only root may'
  exit 1
fi

folder=$(mktemp --directory --tmpdir daybook-deploy-XXXXXX)
export folder
part=
clean() {
  # With it ends the namespace of processes that it has made, and with that all in it, and their mounts.
  if [[ -n $part ]]; then kill -KILL "$part" 2>/dev/null && sleep 1; fi
  rm --recursive --force --one-file-system "$folder"
  # What runc and systemd-nspawn make; of others it is not empty.
  find /sys/fs/cgroup -depth -type d \
    \( -path '*/libpod_parent*' -o -path '*/payload*' -o -name supervisor \) -exec rmdir {} + 2>/dev/null || true
}
trap clean EXIT
trap 'exit 130' INT TERM

(($# > 0)) || set -- unit image
for name in stand-in "$@"; do
  printf '\n== %s\n' "$name"
  unshare --mount --pid --fork --kill-child --mount-proc bash -euo pipefail "tools/deploy/$name.sh" &
  part=$!
  wait "$part"
  part=
done
printf '\nAll is well.\n'
