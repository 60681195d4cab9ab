import { homedir } from 'node:os';
import { join } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { LiveInputs } from '../core/live-source.ts';
import { parseDuration } from '../core/time.ts';
import { openLive } from '../sources/live.ts';

/** How to follow inputs, in a user's words. */
export interface FollowRequest {
  /** Whether inputs may grow and others may come: then they are not looked for yet. */
  readonly follow?: boolean | undefined;
  /** How long an input may be silent until it does not hold back others; 30s unless given. */
  readonly idle?: string | undefined;
  /** Where files are read from that are there at the start. */
  readonly readFrom?: 'start' | 'end' | undefined;
  /** What becomes of a file in a folder when all that it told is reported. */
  readonly done?: 'keep' | 'move' | undefined;
}

/**
 * The inputs that are to be followed; undefined if that was not asked for.
 *
 * @throws DaybookError `USAGE`
 */
export function openFollow({
  files,
  follow = false,
  idle = '30s',
  readFrom = 'start',
  done = 'keep',
}: FollowRequest & { readonly files: readonly string[] }): LiveInputs | undefined {
  if (!follow) return undefined;
  const idleMs = parseDuration(idle);
  return {
    words: files,
    idleMs,
    open: (marks, onNote) =>
      openLive(files, {
        // What is new since it was read before is wanted whole.
        readFrom: marks === undefined ? readFrom : 'start',
        done,
        idleMs,
        marks: marks ?? [],
        onNote,
      }),
  };
}

/**
 * Where a checkpoint is kept: a bare name stands in the user's state folder (XDG Base Directory
 * Specification), never in the folder for temporary files, which is emptied now and then.
 *
 * @throws DaybookError `USAGE`
 */
export function checkpointPath(word: string, env: NodeJS.ProcessEnv = process.env): string {
  if (word === '') throw new DaybookError('USAGE', '--checkpoint wants the name of a file');
  if (word.includes('/')) return word;
  const state = env['XDG_STATE_HOME'];
  // What is not absolute is to be ignored, says the specification.
  const folder = state?.startsWith('/') ? state : join(homedir(), '.local/state');
  return join(folder, 'daybook', word);
}
