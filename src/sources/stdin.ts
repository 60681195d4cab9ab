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
  open: (input) => new StreamReader(input, () => process.stdin),
};
