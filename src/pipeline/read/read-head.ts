import type { ByteReader } from '../../core/source.ts';

/**
 * Reads an input's first bytes, as many as there is room for, and closes what reads it.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`
 */
export async function readHead(reader: ByteReader, room: Uint8Array): Promise<Uint8Array> {
  try {
    let filled = 0;
    for (let count = -1; count !== 0 && filled < room.length; filled += count)
      count = await reader.read(room.subarray(filled));
    return room.subarray(0, filled);
  } finally {
    reader.close();
  }
}
