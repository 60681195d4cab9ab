import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A fingerprint of the lines of a file, in whatever order they stand. */
export function answerIn(path: string): string {
  const lines = readFileSync(path, 'latin1').split('\n').sort();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
}
