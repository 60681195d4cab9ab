import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DAYBOOK } from './cli.ts';

/** A `daybook … --follow` under way. */
export class FollowerProcess implements AsyncDisposable {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  constructor(words: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.#child = spawn(process.execPath, [DAYBOOK, ...words, '--follow'], {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#closed = once(this.#child, 'close');
    this.#child.stdin!.on('error', () => {});
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
  }

  write(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Settles when something is the case, which is looked at whenever it writes and now and then. */
  async until(what: string, isSo: () => boolean, timeoutMs = 20_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!isSo()) {
      if (performance.now() > deadline || this.#child.exitCode !== null)
        throw new Error(`${what}: never; it said ${this.stdout} and ${this.stderr}`);
      const signal = AbortSignal.timeout(20);
      await Promise.race([
        once(this.#child.stdout!, 'data', { signal }).catch(() => {}),
        once(this.#child.stderr!, 'data', { signal }).catch(() => {}),
      ]);
    }
  }

  /** Ends it, and gives its exit code. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    return (await this.#closed)[0] as number | null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }
}
