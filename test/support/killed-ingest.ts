import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The program that is killed. */
export const CHILD: string = join(import.meta.dirname, 'ingest-child.ts');

/** Runs it with these words to its end, which it may bring about itself. */
export async function ran(
  words: readonly string[],
): Promise<[stdout: string, code: number | null, signal: unknown]> {
  const child = spawn(process.execPath, [CHILD, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (piece) => {
    told += piece;
  });
  await once(child, 'close');
  return [told, child.exitCode, child.signalCode];
}

/** The database of a store is whole. */
export function assertSound(path: string): void {
  const db = new DatabaseSync(path);
  const check = (pragma: string) => db.prepare(`PRAGMA ${pragma}`).all();
  assert.deepEqual(check('integrity_check').map(Object.values), [['ok']]);
  assert.deepEqual(check('foreign_key_check'), []);
  db.close();
}
