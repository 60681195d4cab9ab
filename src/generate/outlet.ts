import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DaybookError, systemCode } from '../core/errors.ts';

/** Where generated lines go, whole lines at a time. */
export interface Outlet {
  /** Records of this time and later belong somewhere else; `turn` to it first. */
  readonly until: number;
  /** Makes ready for lines of which the first has this time. */
  turn(time: number): Promise<void>;
  /** Returns whether more can be written: who stops reading early, such as `head`, has what they wanted. */
  write(lines: Uint8Array): Promise<boolean>;
  close(): Promise<void>;
}

/** Standard output. */
export function printed(): Outlet {
  return {
    until: Number.POSITIVE_INFINITY,
    turn: async () => {},
    write: (lines) =>
      new Promise((resolve, reject) => {
        process.stdout.write(lines, (error) => {
          if (!error) resolve(true);
          else if (systemCode(error) === 'EPIPE') resolve(false);
          else reject(unwritable('to standard output', error));
        });
      }),
    close: async () => {},
  };
}

/**
 * Files that each hold a stretch of time, and grow under their final names as those of loggers do. A late
 * record stands in the file that was being written when it came.
 *
 * @param pathAt - The path of the file whose stretch begins at this time.
 * @param stretchMs - Infinite for one file.
 * @param grow - Whether to append to a file that is there, instead of replacing it.
 */
export function files(pathAt: (begin: number) => string, stretchMs: number, grow: boolean): Outlet {
  let until = Number.NEGATIVE_INFINITY;
  let path = '';
  let handle: FileHandle | undefined;
  const fail = (cause: Error): never => {
    throw unwritable(path, cause);
  };
  return {
    get until() {
      return until;
    },
    async turn(time) {
      if (time < until) return;
      await this.close();
      const begin = stretchMs === Number.POSITIVE_INFINITY ? 0 : time - (time % stretchMs);
      until = begin + stretchMs;
      path = pathAt(begin);
      if (stretchMs < Number.POSITIVE_INFINITY)
        await mkdir(dirname(path), { recursive: true }).catch(fail);
      handle = await open(path, grow ? 'a' : 'w').catch(fail);
    },
    async write(lines) {
      await handle!.writeFile(lines).catch(fail);
      return true;
    },
    async close() {
      const closing = handle;
      handle = undefined;
      await closing?.close().catch(fail);
    },
  };
}

function unwritable(place: string, cause: Error): DaybookError {
  const [reason] = cause.message.split(', ');
  return new DaybookError('DESTINATION_UNWRITABLE', `cannot write ${place}: ${reason}`, { cause });
}
