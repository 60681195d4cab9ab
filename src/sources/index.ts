import type { Source } from '../core/source.ts';
import { file } from './file.ts';
import { stdin } from './stdin.ts';

/** The kinds of source by name. */
export const sources = { file, stdin } satisfies Record<string, Source>;
