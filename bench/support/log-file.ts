import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { type LogShape, writeLog } from '../generate.ts';

/** The path of a generated log, which is written if it is not there yet. */
export function logFile(folder: string, shape: LogShape): string {
  const { lines, disorderSeconds } = shape;
  const order = disorderSeconds === 0 ? 'sorted' : `disorder-${disorderSeconds}`;
  const path = join(folder, `sessions-${lines}-${order}.log`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`writing ${path}\n`);
  const draft = `${path}.part`;
  writeLog(draft, shape);
  renameSync(draft, path); // A log that is there is whole.
  return path;
}

/** Reads a file once, so that all who read it later find it in the page cache. */
export function warm(path: string): void {
  const buffer = new Uint8Array(1 << 20);
  const file = openSync(path, 'r');
  while (readSync(file, buffer) > 0);
  closeSync(file);
}
