#!/bin/bash
# Builds src/decoders/*-scan-wasm.ts from their C sources. Needs clang and lld (Debian: clang-14 lld-14).
set -euo pipefail
cd "$(dirname "$0")/../src/decoders"

binary=$(mktemp)
trap 'rm -f "$binary"' EXIT

for source in *-scan.c; do
  clang-14 --target=wasm32 -O3 -Wall -Wextra -nostdlib -fvisibility=hidden -fno-builtin -mbulk-memory -msimd128 \
    -Wl,--no-entry,--export-dynamic,--strip-all,-z,stack-size=8192 -o "$binary" "$source"
  name=${source%.c}
  constant=${name^^}
  {
    echo "/** \`$source\` as WebAssembly, in base64. Made by \`npm run wasm\`; not to be edited. */"
    echo "export const ${constant//-/_} ="
    echo "  '$(base64 --wrap=0 "$binary")';"
  } > "$name-wasm.ts"
done
