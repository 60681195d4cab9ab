import { closeSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Opens a file for a lane's runs, readable by nobody else. It vanishes with the process, however that ends. */
export function openSpillFile(): number {
  const path = join(tmpdir(), `daybook-${process.pid}-${crypto.randomUUID()}.runs`);
  const descriptor = openSync(path, 'wx+', 0o600);
  try {
    rmSync(path); // The open file stays; where that is not so (Windows), the folder's cleaning takes it.
  } catch {}
  return descriptor;
}

/** Opens as many, or none where there is no room for any: few events need none. */
export function openSpillFiles(count: number): number[] {
  const descriptors: number[] = [];
  try {
    while (descriptors.length < count) descriptors.push(openSpillFile());
  } catch {
    closeSpillFiles(descriptors.splice(0));
  }
  return descriptors;
}

export function closeSpillFiles(descriptors: readonly number[]): void {
  for (const descriptor of descriptors) closeSync(descriptor);
}
