import { createHash } from 'node:crypto';
import { constants, createReadStream, createWriteStream } from 'node:fs';
import { access, type FileHandle, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type {
  Archive,
  ArchivedReport,
  PutOptions,
  ReadReport,
  RenderedReport,
} from '../core/archive.ts';
import { DaybookError, interruption, systemCode, throwIfInterrupted } from '../core/errors.ts';

const DRAFT = '.tmp';
const READ_BYTES = 256 * 1024;
/** A disk that is full, fails, or is not there yet. */
const TRANSIENT: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EIO', 'ESTALE', 'ETIMEDOUT', 'ENOENT'];

/**
 * Reports as files in a folder, each whole or absent.
 *
 * A report is copied to a draft beside its place, flushed, and then linked there, which fails where something stands: so
 * of any number of writers one comes first. To overwrite, it is moved there instead.
 */
export function fileArchive(folder: string): Archive {
  const root = resolve(folder);
  // Whole, so that a run started in another folder knows its place again.
  const locationOf = (key: string) => resolve(root, key);
  const pathOf = (key: string) => {
    const path = resolve(root, key);
    const inside = relative(root, path);
    if (inside !== '' && !/^[.][.]([/\\]|$)/.test(inside) && !isAbsolute(inside)) return path;
    const message = `cannot write ${JSON.stringify(key)}: it is outside ${folder}`;
    throw new DaybookError('DESTINATION_UNWRITABLE', message);
  };

  async function put(report: RenderedReport, key: string, options: PutOptions) {
    const { run, overwrite, onDraft, signal } = options;
    const path = pathOf(key);
    const isThere = async () => {
      const present = await find(path, signal);
      if (present && present.digest !== report.digest && !overwrite) throw occupied(path);
      return present?.digest === report.digest;
    };
    if (await isThere()) return 'unchanged';
    // The folder itself is not made: where it is missing, a disk may be.
    await access(root, constants.W_OK);
    const draft = `${path}.${run}${DRAFT}`;
    await onDraft(relative(root, draft));
    try {
      await mkdir(dirname(path), { recursive: true });
      await copy(report.path, draft, signal);
      if (overwrite) await rename(draft, path);
      else await link(draft, path);
      await sync(dirname(path));
      return 'written';
    } catch (error) {
      if (systemCode(error) === 'EEXIST' && (await isThere())) return 'unchanged';
      throw error;
    } finally {
      await rm(draft, { force: true }).catch(() => {});
    }
  }

  const failing = (doing: string, key: string, signal?: AbortSignal) => (cause: Error) => {
    if (signal?.aborted) throw interruption(signal);
    if (cause instanceof DaybookError) throw cause;
    const [reason] = cause.message.split(', '); // What follows names the draft.
    const message = `cannot ${doing} ${locationOf(key)}: ${reason}`;
    const isTransient = TRANSIENT.includes(systemCode(cause));
    throw new DaybookError('DESTINATION_UNWRITABLE', message, { cause, isTransient });
  };

  return {
    find: async (key, { signal } = {}) =>
      find(pathOf(key), signal).catch(failing('read', key, signal)),
    read: async (key, signal) => read(pathOf(key), signal).catch(failing('read', key, signal)),
    put: async (report, key, options) =>
      put(report, key, options).catch(failing('write', key, options.signal)),
    clear: async (draft, signal) => {
      throwIfInterrupted(signal);
      if (!draft.endsWith(DRAFT)) return;
      await rm(pathOf(draft), { force: true }).catch(failing('remove', draft));
    },
    locationOf,
    close: async () => {},
  };
}

async function find(
  path: string,
  signal: AbortSignal | undefined,
): Promise<ArchivedReport | undefined> {
  await using handle = await opened(path);
  return handle && (await measured(handle, signal));
}

/** The file itself is held, whatever takes its place meanwhile. */
async function read(
  path: string,
  signal: AbortSignal | undefined,
): Promise<ReadReport | undefined> {
  const handle = await opened(path);
  if (handle === undefined) return undefined;
  try {
    const report = await measured(handle, signal);
    return { ...report, bytes: handle.createReadStream({ start: 0, signal }) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function opened(path: string): Promise<FileHandle | undefined> {
  return open(path).catch((error) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
}

async function measured(
  handle: FileHandle,
  signal: AbortSignal | undefined,
): Promise<ArchivedReport> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (let sizeBytes = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, sizeBytes);
    if (bytesRead === 0) return { digest: hash.digest('hex'), sizeBytes };
    hash.update(buffer.subarray(0, bytesRead));
    sizeBytes += bytesRead;
  }
}

async function copy(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  await pipeline(createReadStream(from), createWriteStream(to, { flush: true }), { signal });
}

/** The name in the folder outlasts a loss of power, too. */
async function sync(folder: string): Promise<void> {
  await using handle = await open(folder);
  await handle.sync();
}

function occupied(path: string): DaybookError {
  const message = `${path} has other content; say overwrite: true to replace it, or give it another key`;
  return new DaybookError('DESTINATION_UNWRITABLE', message);
}
