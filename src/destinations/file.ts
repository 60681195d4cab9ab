import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Destination } from '../core/destination.ts';
import { DaybookError } from '../core/errors.ts';
import { gathered } from '../core/gathered.ts';

/**
 * A file, replaced at once when all is written and flushed: a reader sees the old report or the new
 * one, never half of one. What is no plain file, such as `/dev/null`, is written to as it is.
 */
export function file(path: string): Destination {
  const fail = (cause: Error): never => {
    const [reason] = cause.message.split(', '); // What follows names the draft.
    throw new DaybookError('DESTINATION_UNWRITABLE', `cannot write ${path}: ${reason}`, { cause });
  };
  return {
    async write(pieces) {
      const present = await stat(path).catch(() => undefined);
      const inPlace = present !== undefined && !present.isFile();
      // What a link points to is replaced, not the link.
      const target = present === undefined ? path : await realpath(path);
      const draft = inPlace ? path : `${target}.${crypto.randomUUID()}.tmp`;
      const handle = await open(draft, inPlace ? 'w' : 'wx', present?.mode).catch(fail);
      try {
        for await (const bytes of gathered(pieces)) await handle.writeFile(bytes).catch(fail);
        if (!inPlace) await handle.sync().catch(fail);
        await handle.close().catch(fail);
        if (!inPlace) await rename(draft, target).catch(fail);
      } catch (error) {
        await handle.close().catch(() => {});
        if (!inPlace) await rm(draft, { force: true });
        throw error;
      }
    },
  };
}
