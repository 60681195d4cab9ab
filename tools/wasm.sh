#!/bin/bash
# Builds src/decoders/session-scan-wasm.ts from its C source. Needs clang and lld (Debian: clang-14 lld-14).
set -euo pipefail
cd "$(dirname "$0")/../src/decoders"

binary=$(mktemp)
trap 'rm -f "$binary"' EXIT
clang-14 --target=wasm32 -O3 -Wall -Wextra -nostdlib -fvisibility=hidden -fno-builtin -mbulk-memory \
  -Wl,--no-entry,--export-dynamic,--strip-all,-z,stack-size=8192 -o "$binary" session-scan.c

{
  echo "/** \`session-scan.c\` as WebAssembly, in base64. Made by \`npm run wasm\`; not to be edited. */"
  echo "export const SESSION_SCAN ="
  echo "  '$(base64 --wrap=0 "$binary")';"
} > session-scan-wasm.ts
