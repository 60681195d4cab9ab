import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A program with its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** What one run of a process took, from before it was started until after it ended. */
export interface Measurement {
  readonly seconds: number;
  /** The most memory that was resident at once: all threads, mapped files too. */
  readonly peakMib: number;
}

const POLL_MS = 5;
const timeProgram = gnuTime();

/** How peak memory is found on this machine, for the record. */
export const MEMORY_METHOD: string = timeProgram
  ? 'GNU time, which has it from the kernel when the process ends'
  : `/proc, asked every ${POLL_MS} ms`;

/**
 * Runs a command to its end, its standard output going to a file.
 *
 * GNU time stands between us and the command where it is there. That takes a millisecond, and more than
 * memory speaks for it: a process is charged with the size of the one that started it, and GNU time
 * is small.
 *
 * @throws Error The command failed.
 */
export async function measure(command: Command, outputPath: string): Promise<Measurement> {
  const { program, args } = command;
  const peakPath = `${outputPath}.peak`;
  if (timeProgram === undefined) {
    const peak = { kib: 0 };
    const seconds = await run(command, outputPath, (child) => watchPeak(child, peak));
    return { seconds, peakMib: peak.kib / 1024 };
  }
  const timeArgs = ['-f', '%M', '-o', peakPath, program, ...args];
  const seconds = await run({ program: timeProgram, args: timeArgs }, outputPath);
  return { seconds, peakMib: Number(readFileSync(peakPath, 'utf8')) / 1024 };
}

/** Runs a command to its end and returns the seconds it took. */
export async function run(
  { program, args }: Command,
  outputPath: string,
  onStart?: (child: ChildProcess) => void,
): Promise<number> {
  const output = openSync(outputPath, 'w');
  try {
    const began = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', output, 'inherit'] });
    onStart?.(child);
    const [code, signal] = await once(child, 'exit');
    const seconds = (performance.now() - began) / 1000;
    if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${code ?? signal}`);
    return seconds;
  } finally {
    closeSync(output);
  }
}

/** Asks again and again for the high-water mark of a process; misses what it grew by at the very end. */
function watchPeak(child: ChildProcess, peak: { kib: number }): void {
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      const [, kib = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(status) ?? [];
      peak.kib = Math.max(peak.kib, Number(kib));
    } catch {} // It has ended.
  }, POLL_MS);
  child.once('exit', () => clearInterval(timer));
}

function gnuTime(): string | undefined {
  const program = '/usr/bin/time';
  const { status } = spawnSync(program, ['-f', '%M', 'true']);
  return status === 0 ? program : undefined;
}
