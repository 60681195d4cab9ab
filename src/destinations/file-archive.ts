import type { Archive } from '../core/archive.ts';

/** Reports as files in a folder, each whole or absent. */
export function fileArchive(folder: string): Archive {
  throw new Error(`not yet: ${folder}`);
}
