import { open } from 'node:fs/promises';
import type { Outlet } from '../core/destination.ts';
import { DaybookError } from '../core/errors.ts';

/**
 * A file to which one report is added after the other.
 *
 * @param sizeBytes - How much of it is valid: what stands behind was not finished, and is cut off.
 * @throws DaybookError `DESTINATION_UNWRITABLE`
 */
export async function growingFile(path: string, sizeBytes: number): Promise<Outlet> {
  const fail = (cause: Error): never => {
    throw new DaybookError('DESTINATION_UNWRITABLE', `cannot write ${path}: ${cause.message}`, {
      cause,
    });
  };
  const handle = await open(path, 'a', 0o666).catch(fail);
  const stats = await handle.stat();
  if (stats.isFile() && stats.size < sizeBytes) {
    await handle.close();
    fail(new Error(`it is shorter than what was written to it; remove its checkpoint as well`));
  }
  if (stats.isFile()) await handle.truncate(sizeBytes).catch(fail);
  let size = sizeBytes;
  return {
    get sizeBytes() {
      return size;
    },
    async write(text) {
      const bytes = Buffer.from(text);
      try {
        await handle.writeFile(bytes);
      } catch (error) {
        // Half of a report may have been written, as to a disk that is full.
        if (stats.isFile()) await handle.truncate(size).catch(() => {});
        fail(error as Error);
      }
      size += bytes.length;
    },
    async sync() {
      if (stats.isFile()) await handle.datasync().catch(fail);
    },
    close: () => handle.close(),
  };
}
