import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own, until it is disposed of; `path` tells where a file of a name is in it. */
export function temporary(): Disposable & { path(name: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-ingest-'));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
