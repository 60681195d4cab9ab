import { file } from './file.ts';
import { stdout } from './stdout.ts';

/** The kinds of destination by name. */
export const destinations = { file, stdout };
