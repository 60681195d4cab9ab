import { open, stat } from 'node:fs/promises';
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
  const present = await stat(path).catch(() => undefined);
  if (present?.isFile() && present.size < sizeBytes)
    fail(new Error('it is shorter than what was written to it; move it away to begin another'));
  const handle = await open(path, 'a', 0o666).catch(fail);
  const stats = await handle.stat();
  // One that was moved away begins anew.
  let size = present === undefined ? 0 : sizeBytes;
  if (stats.isFile()) await handle.truncate(size).catch(fail);
  /** Whether half of a text may stand behind what is valid, as on a disk that is full. */
  let torn = false;
  const mend = async () => {
    if (torn && stats.isFile()) await handle.truncate(size);
    torn = false;
  };
  return {
    get sizeBytes() {
      return size;
    },
    isClosed: false,
    async write(text) {
      const bytes = Buffer.from(text);
      try {
        await mend();
        torn = true;
        await handle.writeFile(bytes);
        torn = false;
      } catch (error) {
        await mend().catch(() => {}); // It is tried again before anything is added.
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
