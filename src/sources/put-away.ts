import { closeSync, linkSync, mkdirSync, openSync, renameSync, unlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode } from '../core/errors.ts';
import { statOf } from './file-stat.ts';

const PROCESSED = 'processed';

/** Where the files of a folder go that are done with. */
export function processedIn(folder: string): string {
  return join(folder, PROCESSED);
}

/**
 * Moves a file into `processed/` beside it, under its name or, where that is taken, one with a number.
 *
 * @param identity - Who the file is: another one that has its name now stays where it is.
 * @returns Whether it was moved.
 * @throws the system's error
 */
export function putAway(path: string, identity: string): boolean {
  if (statOf(path)?.identity !== identity) return false;
  const folder = processedIn(dirname(path));
  mkdirSync(folder, { recursive: true });
  const place = takePlace(join(folder, basename(path)));
  try {
    renameSync(path, place);
  } catch (error) {
    unlinkSync(place);
    throw error;
  }
  if (statOf(place)?.identity === identity) return true;
  linkSync(place, path); // It took the name just now.
  unlinkSync(place);
  return false;
}

/** Makes an empty file under a name that nobody has, which is then this process's to replace. */
function takePlace(path: string): string {
  for (let number = 0; ; number++) {
    const place = number === 0 ? path : `${path}.${number}`;
    try {
      closeSync(openSync(place, 'wx'));
      return place;
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
}
