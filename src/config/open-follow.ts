import { homedir } from 'node:os';
import { join } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { InputMark, LiveSource } from '../core/live-source.ts';
import { parseDuration } from '../core/time.ts';
import { openLive } from '../sources/live.ts';

/** What to follow, in a user's words. */
export interface FollowRequest {
  /** Files, patterns, folders in which files appear, or `-` for standard input. */
  readonly files: readonly string[];
  /** How long an input may be silent until it does not hold back others; 30s unless given. */
  readonly idle?: string | undefined;
  /** Where files are read from that are there at the start. */
  readonly readFrom?: 'start' | 'end' | undefined;
  /** What becomes of a file in a folder when all that it told is reported. */
  readonly done?: 'keep' | 'move' | undefined;
}

/** An input for each word, as it grows. */
export interface Followed {
  readonly source: LiveSource;
  readonly idleMs: number;
}

/**
 * Opens inputs that may grow.
 *
 * @param marks - How far they were read before.
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function openFollow(
  { files, idle = '30s', readFrom = 'start', done = 'keep' }: FollowRequest,
  marks: readonly InputMark[],
  onNote: (message: string) => void,
): Promise<Followed> {
  const idleMs = parseDuration(idle);
  const source = await openLive(files, { readFrom, done, idleMs, marks, onNote });
  return { source, idleMs };
}

/**
 * Where a checkpoint is kept: a bare name stands in the user's state folder (XDG Base Directory
 * Specification), never in the folder for temporary files, which is emptied now and then.
 *
 * @throws DaybookError `USAGE`
 */
export function checkpointPath(
  word: string,
  files: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string {
  if (files.includes('-')) {
    throw new DaybookError(
      'USAGE',
      'standard input cannot be read again after a stop; follow files to keep a --checkpoint',
    );
  }
  if (word === '') throw new DaybookError('USAGE', '--checkpoint wants the name of a file');
  if (word.includes('/')) return word;
  const state = env['XDG_STATE_HOME'];
  // What is not absolute is to be ignored, says the specification.
  const folder = state?.startsWith('/') ? state : join(homedir(), '.local/state');
  return join(folder, 'daybook', word);
}
