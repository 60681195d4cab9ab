import { closeSync, openSync, writeFileSync } from 'node:fs';

const BLOCK_CHARACTERS = 1 << 20;

/** Writes lines to a file, many at a time. */
export function writeLines(path: string, lines: Iterable<string>): void {
  const file = openSync(path, 'w');
  let block = '';
  for (const line of lines) {
    block += `${line}\n`;
    if (block.length > BLOCK_CHARACTERS) {
      writeFileSync(file, block);
      block = '';
    }
  }
  writeFileSync(file, block);
  closeSync(file);
}
