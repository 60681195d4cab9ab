import { fstatSync } from 'node:fs';
import { DaybookError } from '../core/errors.ts';
import type { Input, Source } from '../core/source.ts';
import { StreamReader } from './stream-reader.ts';

/** Standard input, decompressed where its content says so. */
export const stdin: Source = {
  summary: 'Standard input, as the word -.',
  inputs: async (words) =>
    words.map(
      (name): Input => ({
        name,
        source: 'stdin',
        encoding: 'unknown',
        splittable: false,
        replayable: false,
      }),
    ),
  open: (input) => new StreamReader(input, openStdin),
};

/** A folder as standard input reads as if it were empty. */
function openStdin(): NodeJS.ReadStream {
  if (fstatSync(0).isDirectory()) {
    throw new DaybookError(
      'SOURCE_UNREADABLE',
      'standard input is a folder; name the files in it instead',
    );
  }
  return process.stdin;
}
