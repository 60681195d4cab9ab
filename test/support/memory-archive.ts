import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Archive } from '../../src/core/archive.ts';
import { DaybookError } from '../../src/core/errors.ts';

/** What an archive in memory holds. */
export interface MemoryBucket {
  readonly objects: Map<string, string>;
  /** What was begun and not finished. */
  readonly drafts: Set<string>;
}

/**
 * An archive in memory, which puts a report in steps.
 *
 * @param step - Comes between any two of them, and may fail or never settle.
 */
export function memoryArchive(
  { objects, drafts }: MemoryBucket,
  step: () => Promise<void> = async () => {},
): Archive {
  return {
    async find(key) {
      const content = objects.get(key);
      return content === undefined
        ? undefined
        : { digest: digestOf(content), sizeBytes: Buffer.byteLength(content) };
    },
    async read(key) {
      const content = objects.get(key);
      if (content === undefined) return undefined;
      const bytes = Buffer.from(content);
      return {
        digest: digestOf(content),
        sizeBytes: bytes.length,
        bytes: Readable.from([bytes]),
      };
    },
    async put({ path, digest }, key, { run, overwrite, onDraft }) {
      const present = objects.get(key);
      if (present !== undefined && digestOf(present) === digest) return 'unchanged';
      if (present !== undefined && !overwrite)
        throw new DaybookError('DESTINATION_UNWRITABLE', `${key} has other content`);
      const draft = `draft of ${run}`;
      await onDraft(draft);
      await step();
      drafts.add(draft);
      await step();
      objects.set(key, await readFile(path, 'utf8'));
      await step();
      drafts.delete(draft);
      await step();
      return 'written';
    },
    async clear(draft) {
      drafts.delete(draft);
    },
    locationOf: (key) => `memory:${key}`,
    async close() {},
  };
}

function digestOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
