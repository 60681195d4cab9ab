#!/bin/bash
# Prepares a checkout: git hooks, and the Debian packages that some tests and benches use.
# Without them those tests are skipped; `npm run test:full` insists on them.
set -euo pipefail
cd "$(dirname "$0")/.."

# Package and what needs it.
packages=(
  ceph-common # test: an S3 service, with the next two and radosgw
  ceph-mon
  ceph-osd
  gcc       # test, bench: compiles the C program that bills are compared with
  libc6-dev # its headers
  mariadb-server # test: a database that reports ask
  mawk      # test, bench: runs the awk program
  mount     # test: a disk that is full
  openssl   # test: certificates of databases
  postgresql # test: a database that reports ask
  python3   # test, bench: runs the Python program
  radosgw
  util-linux # test: that service ends with its test
)

if git rev-parse --git-dir >/dev/null 2>&1; then
  git config core.hooksPath .githooks
  echo 'setup: commits are checked by .githooks'
fi

if ! command -v dpkg-query >/dev/null; then
  echo "setup: not a Debian system; see that you have what these packages bring: ${packages[*]}"
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done

if ((${#missing[@]} == 0)); then
  echo "setup: all there: ${packages[*]}"
elif ((EUID == 0)); then
  echo "setup: installing ${missing[*]}"
  apt-get update --quiet
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends "${missing[@]}"
else
  echo 'setup: some packages are missing; install them with'
  echo "  sudo apt-get install --no-install-recommends ${missing[*]}"
  exit 1
fi
