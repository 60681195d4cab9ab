import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

/** That of this checkout, or of another that is to be measured. */
const BIN =
  process.env['DAYBOOK_BIN'] ?? fileURLToPath(new URL('../../bin/daybook.js', import.meta.url));

/** `daybook`, on the Node.js that runs the benchmark. */
export function daybook(...words: readonly string[]): Command {
  return { program: process.execPath, args: [BIN, ...words] };
}
