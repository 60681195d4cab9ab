import { statSync } from 'node:fs';
import { DaybookError } from '../core/errors.ts';
import type { LiveSource } from '../core/live-source.ts';
import { file } from './file.ts';
import { JoinedSources } from './joined-sources.ts';
import { LiveFiles } from './live-files.ts';
import type { LiveOptions } from './live-options.ts';
import { LiveStream } from './live-stream.ts';
import { stdin } from './stdin.ts';

export type { LiveOptions, Pace } from './live-options.ts';

const STANDARD_INPUT = '-';

/**
 * Opens what a user's words name, to be followed: files, patterns, folders, pipes, and `-` for standard
 * input.
 *
 * Who a file is follows from its content: one that was renamed, copied or compressed since it was read
 * is not read again.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, or `USAGE` where a stream is to go on where a mark says.
 *
 * @example
 * const source = await openLive(['app.log'], { readFrom: 'start', done: 'keep', idleMs: 30_000, marks, onNote });
 * for (const input of await source.arrivals()) input.read(buffer);
 */
export async function openLive(
  words: readonly string[],
  options: LiveOptions,
): Promise<LiveSource> {
  const streams = [...new Set(words.filter(isStream))];
  const others = words.filter((word) => !isStream(word));
  if (streams.length > 0 && options.marks.length > 0) {
    throw new DaybookError(
      'USAGE',
      `${streams[0]} cannot be read on from where it was left; name files instead`,
    );
  }
  const opened: LiveSource[] = [];
  for (const [rank, word] of streams.entries()) {
    const source = word === STANDARD_INPUT ? stdin : file;
    const [input] = await source.inputs([word]);
    opened.push(new LiveStream(word, rank, source.open(input!, 0)));
  }
  if (others.length > 0) opened.push(await LiveFiles.open(others, options, streams.length));
  return opened.length === 1 ? opened[0]! : new JoinedSources(opened);
}

/** Pipes and devices are read as standard input is. */
function isStream(word: string): boolean {
  if (word === STANDARD_INPUT) return true;
  try {
    const stats = statSync(word);
    return !stats.isFile() && !stats.isDirectory();
  } catch {
    return false; // It may be a pattern, or come later.
  }
}
