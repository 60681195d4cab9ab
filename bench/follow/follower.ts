import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Command } from '../support/measure.ts';
import { type ResidentMemory, residentMemory } from '../support/resident-memory.ts';
import { FinalWindows } from './final-windows.ts';

/** The kernel counts processor time in hundredths of a second, for programs on every machine. */
const TICKS_PER_SECOND = 100;
const PATIENCE_MS = 60_000;

/** A daybook that follows a log until it is stopped. */
export class Follower {
  /** The windows that it printed. Its rows have to be ndjson. */
  readonly windows = new FinalWindows();
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor({ program, args }: Command) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => this.windows.take(text));
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`${[program, ...args].join(' ')} ended with ${code ?? signal}`);
    });
    this.#ended.catch(() => {});
  }

  /** Waits for something, unless daybook ends first or nothing happens for a minute. */
  async until<T>(happened: Promise<T>, patienceMs: number = PATIENCE_MS): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`daybook printed nothing that was awaited for ${patienceMs} ms`);
      timer = setTimeout(reject, patienceMs, error);
    });
    try {
      return await Promise.race([happened, this.#ended, late]);
    } catch (error) {
      this.#child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** What is resident now, and the most that ever was. */
  memory(): ResidentMemory {
    return residentMemory(this.#child.pid!);
  }

  /** Processor time of all threads so far. */
  processorSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    // The name of the program stands in parentheses and may have blanks; user time is the 14th field.
    const [, , , , , , , , , , , user, system] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
    return (Number(user) + Number(system)) / TICKS_PER_SECOND;
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#ended.catch(() => {});
  }
}
