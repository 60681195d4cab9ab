import { accessSync, constants, globSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Configuration, isPattern, pathFrom, placeFrom } from '../config/configuration.ts';
import type { ShapeProblem } from '../config/shape-problems.ts';
import { systemCode } from '../core/errors.ts';
import { unreadable } from '../sources/stream-reader.ts';
import { fixedFolderOf } from './open-archive.ts';

/** What is wrong with the files and folders of a configuration, and what may be. */
export interface PlaceFindings {
  readonly problems: readonly ShapeProblem[];
  readonly notes: readonly ShapeProblem[];
}

/**
 * Looks whether what a configuration reads and writes is there, and changes nothing.
 *
 * @param folder - Where relative paths start.
 */
export function placeProblems(
  { store, sources, reports, log }: Configuration,
  folder: string,
): PlaceFindings {
  const problems: ShapeProblem[] = [];
  const notes: ShapeProblem[] = [];
  const tell = (path: ShapeProblem['path'], message: string | undefined) => {
    if (message !== undefined) problems.push({ path, message });
  };
  for (const [name, source] of sources) {
    if (source.type === 'directory') {
      const at = ['sources', name, 'path'];
      tell(at, folderProblem(pathFrom(folder, source.path), source.done === 'move'));
      continue;
    }
    for (const [i, word] of source.paths.entries()) {
      const at = ['sources', name, 'paths', i];
      const files = filesOf(pathFrom(folder, word));
      if (files.length === 0) notes.push({ path: at, message: `no file matches ${word} yet` });
      for (const file of files) tell(at, fileProblem(file));
    }
  }
  tell(['store', 'path'], outputProblem(pathFrom(folder, store.path)));
  if (log.file !== undefined) tell(['log', 'file'], outputProblem(pathFrom(folder, log.file)));
  for (const [name, { destination }] of reports) {
    if (destination?.type !== 'file') continue;
    const at = ['reports', name, 'destination', 'path'];
    const path = placeFrom(folder, destination.path);
    // Folders behind a placeholder are made by the runs that need them.
    const isFixed = !path.includes('{');
    tell(at, isFixed ? outputProblem(path) : folderProblem(fixedFolderOf(path) || '.', true));
  }
  return { problems, notes };
}

/** A path that is there is meant as it stands, whatever characters it has. */
function filesOf(word: string): string[] {
  const isThere = statSync(word, { throwIfNoEntry: false }) !== undefined;
  return isThere || !isPattern(word) ? [word] : globSync(word);
}

function fileProblem(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    if (!statSync(path).isDirectory()) return undefined;
    return `${path} is a folder; say type: directory, or name the files in it`;
  } catch (cause) {
    return unreadable(path, cause).message;
  }
}

function folderProblem(path: string, isWritten: boolean): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return `there is no folder ${path}; make it, or check the path`;
    if (!stats.isDirectory()) return `${path} is no folder`;
    accessSync(path, constants.R_OK | constants.X_OK);
    return isWritten ? writeProblem(path) : undefined;
  } catch (cause) {
    return unreadable(path, cause).message;
  }
}

/** A file that is to be written can be made, or is there and can be written. */
function outputProblem(path: string): string | undefined {
  const problem = folderProblem(dirname(path), true);
  if (problem !== undefined) return problem;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) return `${path} is a folder; name a file`;
  return stats && writeProblem(path);
}

function writeProblem(path: string): string | undefined {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (cause) {
    return `cannot write to ${path}: ${systemCode(cause) ?? cause}`;
  }
}
