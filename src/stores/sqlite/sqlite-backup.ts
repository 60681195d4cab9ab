import { randomUUID } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../../core/errors.ts';
import { explanationOf, openDatabase } from './sqlite-database.ts';

/** How a store is copied. */
export interface BackupOptions {
  /** Whether the copy may take the place of a file that is there. */
  readonly force?: boolean | undefined;
  /** Gets how many bytes of how many were copied. */
  readonly onProgress?: ((bytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pages copied at a time, 16 MiB: in between others get their turn. */
const PAGES = 4096;

/**
 * Copies a store as it is at one instant, while others go on reading and writing it.
 *
 * The copy is checked before it takes its name, so a file of that name is whole and sound; it needs no other file
 * beside it.
 *
 * @returns Its size in bytes.
 * @throws DaybookError `STORE_UNUSABLE`, `DESTINATION_UNWRITABLE`, or `USAGE` where there is such a file.
 */
export async function backUp(path: string, to: string, options: BackupOptions): Promise<number> {
  requireFree(path, to, options);
  const from = openDatabase(path, { readOnly: true, busyMs: undefined });
  // What a link points to is replaced, not the link.
  const target = existsSync(to) ? await realpath(to) : to;
  const draft = `${target}.${randomUUID()}.tmp`;
  try {
    // A reader's snapshot stays as it is: without it the copy would begin anew at each commit of others.
    from.exec('BEGIN; SELECT count(*) FROM settings');
    await copy(from, draft, options);
    check(draft);
    await using handle = await open(draft, 'r+');
    await handle.sync();
    const { size } = await handle.stat();
    requireFree(path, to, options); // somebody may have made it meanwhile
    await rename(draft, target);
    return size;
  } catch (error) {
    for (const rest of ['', '-journal', '-wal', '-shm'])
      await rm(`${draft}${rest}`, { force: true });
    throw failureOf(path, to, error);
  } finally {
    from.close();
  }
}

async function copy(
  from: DatabaseSync,
  draft: string,
  { onProgress, signal }: BackupOptions,
): Promise<void> {
  const pageBytes = Number(from.prepare('PRAGMA page_size').get()!['page_size']);
  await backup(from, draft, {
    rate: PAGES,
    progress({ totalPages, remainingPages }) {
      if (signal?.aborted) throw signal.reason;
      onProgress?.((totalPages - remainingPages) * pageBytes, totalPages * pageBytes);
    },
  });
  if (signal?.aborted) throw signal.reason;
}

/** Checks every page of a copy, and makes it a file that can be read where nothing can be written. */
function check(draft: string): void {
  const db = new DatabaseSync(draft);
  try {
    db.exec('PRAGMA journal_mode = DELETE');
    const [first] = db.prepare('PRAGMA integrity_check(1)').all();
    const answer = String(first?.['integrity_check']);
    if (answer === 'ok') return;
    throw new DaybookError(
      'STORE_UNUSABLE',
      `the store is damaged (${answer}); its copy was not kept`,
    );
  } finally {
    db.close();
  }
}

function requireFree(path: string, to: string, { force = false }: BackupOptions): void {
  const [store, there] = [path, to].map((file) => statSync(file, { throwIfNoEntry: false }));
  if (there === undefined) return;
  if (there.ino === store?.ino && there.dev === store.dev)
    throw new DaybookError('USAGE', `${to} is the store itself; copy it to somewhere else`);
  if (!there.isFile())
    throw new DaybookError('USAGE', `${to} is no file; name one that is to be made`);
  if (!force)
    throw new DaybookError('USAGE', `${to} is there already; --force puts the copy in its place`);
}

/** SQLite's codes for a file that is damaged, or no database: then it is the store that fails. */
const DAMAGED: readonly unknown[] = [11, 26];

function failureOf(path: string, to: string, error: unknown): unknown {
  if (error instanceof DaybookError || !(error instanceof Error) || !('code' in error))
    return error;
  if ('errcode' in error && DAMAGED.includes(error.errcode)) return explanationOf(path, error);
  const [reason] = error.message.split(', '); // What follows names the draft.
  return new DaybookError('DESTINATION_UNWRITABLE', `cannot write ${to}: ${reason}`, {
    cause: error,
  });
}
