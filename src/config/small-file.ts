import { closeSync, openSync, readSync } from 'node:fs';
import { DaybookError, systemCode } from '../core/errors.ts';

const MAX_BYTES = 1 << 20;

/**
 * The text of a file that people write by hand, so that anything long is a mistake.
 *
 * @returns undefined, if there is no such file; a folder is none.
 * @throws DaybookError `USAGE`
 */
export function readSmallFile(path: string): string | undefined {
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let size = 0;
  try {
    const descriptor = openSync(path, 'r');
    try {
      // A file may give its bytes in pieces, or be a device that never ends.
      for (let got = -1; got !== 0 && size < bytes.length; size += got)
        got = readSync(descriptor, bytes, size, bytes.length - size, null);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw new DaybookError('USAGE', `${path} cannot be read: ${code ?? cause}`, { cause });
  }
  if (size > MAX_BYTES) throw new DaybookError('USAGE', `${path} is larger than 1 MiB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, size));
  } catch (cause) {
    throw new DaybookError('USAGE', `${path} is no text in UTF-8`, { cause });
  }
}
