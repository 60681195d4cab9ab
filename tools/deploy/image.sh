# Builds the image, on a stand-in of the one it begins with, and runs it.
source tools/deploy/common.sh
source tools/deploy/docker.sh
# What podman and runc write elsewhere is gone with these.
for path in /dev/shm /run/netns /run/runc /var/lib/cni /var/lib/containers; do
  mkdir --parents "$path"
  mount -t tmpfs tmpfs "$path"
done
cat > "$CONTAINERS_CONF" <<'CONF'
[containers]
# Not every root may set more than this, as podman would.
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
CONF

quiet
docker build --tag docker.io/library/node:26-bookworm-slim --file - "$folder/base" <<'FROM'
FROM scratch
COPY . /
RUN useradd --uid 1000 --user-group --create-home --shell /bin/bash node
FROM
cd "$folder/checkout"
[[ -n ${DAYBOOK_TEST_FULL:-} ]] || sed --in-place '/^RUN npm test/d' Dockerfile
eval "$(documented 'In a container' | grep '^docker build')"
loud

# In a network of its own: nobody else's port 8000, and no bridge that stays.
unshare --net bash -euo pipefail tools/deploy/container.sh
