import type { Input } from '../core/source.ts';

/** How many bytes tell how a stream is compressed. */
export const MAGIC_BYTES = 4;

/** How a stream that begins with these bytes is compressed (RFC 1952, RFC 8878). */
export function encodingOf(head: Uint8Array): Exclude<Input['encoding'], 'unknown'> {
  if (head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  const zstdFrame = head[0] === 0x28 && head[1] === 0xb5;
  const skippableFrame = (head[0]! & 0xf0) === 0x50 && head[1] === 0x2a;
  const inFrame = zstdFrame
    ? head[2] === 0x2f && head[3] === 0xfd
    : skippableFrame && head[2] === 0x4d && head[3] === 0x18;
  return inFrame ? 'zstd' : 'plain';
}
