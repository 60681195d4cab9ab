import type { Piece } from './writer.ts';

/** A file takes so many bytes about as fast as a few of them. */
const LEAST_BYTES = 1 << 18;

/** The same report as bytes, in fewer pieces, each of which is worth a write. */
export async function* gathered(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const piece of pieces) {
    // At once: a text that was put together of many others keeps all of them until it is made one.
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes < LEAST_BYTES) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
