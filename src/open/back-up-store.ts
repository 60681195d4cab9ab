import type { BackupOptions } from '../stores/sqlite/sqlite-backup.ts';
import { type StoreWords, storePathOf } from './store-path.ts';

/**
 * Copies a store into a file, whole or not at all, while others go on using it.
 *
 * @returns Which store, and how many bytes.
 * @throws DaybookError `USAGE`, `STORE_UNUSABLE`, `DESTINATION_UNWRITABLE` or `INTERRUPTED`
 */
export async function backUpStore(
  words: StoreWords,
  to: string,
  options: BackupOptions,
): Promise<{ path: string; sizeBytes: number }> {
  const path = await storePathOf(words);
  const { backUp } = await import('../stores/sqlite/sqlite-backup.ts');
  return { path, sizeBytes: await backUp(path, to, options) };
}
