import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** The program. */
export const DAYBOOK = join(import.meta.dirname, '../../bin/daybook.js');

/** What a run of the command line left. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface RunOptions {
  /** Standard input; empty unless given. */
  readonly input?: string | Buffer | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Instead of a pipe, standard output is this open file. */
  readonly stdout?: number;
  /** How many files it may open; as many as this process unless given. */
  readonly openFiles?: number;
  /** Called when the process is running. */
  readonly onSpawn?: (child: ReturnType<typeof spawn>) => void;
}

/** Runs `daybook` as a process of its own. */
export async function daybook(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const command = [process.execPath, DAYBOOK, ...words];
  const { openFiles } = options;
  const [program, ...rest] =
    openFiles === undefined
      ? command
      : ['sh', '-c', 'ulimit -n "$0" && exec "$@"', String(openFiles), ...command];
  const child = spawn(program!, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['pipe', options.stdout ?? 'pipe', 'pipe'],
  });
  options.onSpawn?.(child);
  child.stdin!.on('error', () => {}); // It may not read all that it is given.
  child.stdin!.end(options.input ?? '');
  const exit = Promise.withResolvers<number | null>();
  child.on('error', exit.reject).on('close', exit.resolve);
  const [stdout, stderr] = await Promise.all([
    child.stdout ? text(child.stdout) : '',
    text(child.stderr!),
  ]);
  return { code: await exit.promise, stdout, stderr };
}
