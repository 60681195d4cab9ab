# Makes in $folder: `base`, a Debian with Node.js as node:26-bookworm-slim has it; `checkout`, a copy of this one; and its package.
source tools/deploy/common.sh
base=$folder/base
quiet
debootstrap --variant=minbase --include=ca-certificates,libatomic1 bookworm "$base"
install "$(node_modules/.bin/node -p process.execPath)" "$base/usr/local/bin/node"
npm install --global --prefix "$base/usr/local" npm@11
# Whom this machine trusts, the stand-ins do, too: there may be a proxy between it and the registry.
cp /etc/ssl/certs/ca-certificates.crt "$base/etc/ssl/certs/"
mkdir --parents "$base/usr/local/etc"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' > "$base/usr/local/etc/npmrc"

mkdir "$folder/checkout"
tar --create --exclude-from=.dockerignore --exclude=coverage . | tar --extract --directory "$folder/checkout"
ln --symbolic "$PWD/node_modules" "$folder/checkout/node_modules"
(cd "$folder/checkout" && npm pack --pack-destination "$folder")
mv "$folder"/daybook-*.tgz "$folder/daybook.tgz"
loud
