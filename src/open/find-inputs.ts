import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceSettings } from '../config/source-schema.ts';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { Input } from '../core/source.ts';
import { filesNamed } from '../sources/file.ts';
import { sources } from '../sources/index.ts';
import { unreadable } from '../sources/stream-reader.ts';
import { refuseTwice } from './range-request.ts';

/** The inputs of a source, and why others cannot be opened. */
interface FoundInputs {
  readonly inputs: readonly Input[];
  readonly failures: readonly DaybookError[];
}

/** What is found where nothing is looked for. */
export const NOTHING: FoundInputs = { inputs: [], failures: [] };

/**
 * Finds the inputs of a source. What cannot be read does not stand in the way of the others.
 *
 * @throws DaybookError `USAGE` - An input is named twice.
 */
export async function findInputs(settings: SourceSettings): Promise<FoundInputs> {
  const failures: DaybookError[] = [];
  const tried = async <Found>(work: Promise<Found[]>): Promise<Found[]> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof DaybookError) || error.code !== 'SOURCE_UNREADABLE') throw error;
      failures.push(error);
      return [];
    }
  };
  const paths: string[] = [];
  if (settings.type === 'directory')
    for (const path of await tried(pathsIn(settings.path)))
      paths.push(...(await tried(fileAt(path))));
  else
    for (const word of settings.paths)
      paths.push(...(word === STDIN ? [word] : await tried(filesNamed(word))));
  const inputs: Input[] = [];
  for (const path of paths) {
    const source = path === STDIN ? sources.stdin : sources.file;
    inputs.push(...(await tried(source.inputs([path]))));
  }
  refuseTwice(inputs);
  return { inputs, failures };
}

const STDIN = '-';

/** What is in a folder by name, without what is hidden. */
async function pathsIn(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    return names.map((name) => join(folder, name)).sort();
  } catch (cause) {
    throw new DaybookError('SOURCE_UNREADABLE', `cannot read the folder ${folder}`, { cause });
  }
}

/** A path, if it is that of a file: not of a folder, such as of what is put away, nor of what is gone by now. */
async function fileAt(path: string): Promise<string[]> {
  try {
    return (await stat(path)).isFile() ? [path] : [];
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw unreadable(path, error);
  }
}
