import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { Input } from '../core/source.ts';
import { filesNamed } from '../sources/file.ts';
import { sources } from '../sources/index.ts';
import { refuseTwice } from './range-request.ts';
import type { SourceSettings } from './source-schema.ts';

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
  if (settings.type === 'directory') paths.push(...(await tried(filesIn(settings.path))));
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

/** The files of a folder by name, without hidden ones and what is put away. */
async function filesIn(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
    const paths = names.map((name) => join(folder, name)).sort();
    return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  } catch (cause) {
    throw new DaybookError('SOURCE_UNREADABLE', `cannot read the folder ${folder}`, { cause });
  }
}
