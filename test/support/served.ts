import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DAYBOOK } from './cli.ts';

/** The service in a process of its own. */
export class Served {
  readonly child: ChildProcess;
  readonly address: string;
  /** What it has written to standard output. */
  output = '';

  private constructor(child: ChildProcess, address: string) {
    this.child = child;
    this.address = address;
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.output += text;
    });
  }

  /** Starts `daybook serve` in a folder with a configuration, or of files, at any port. */
  static async start(
    folder: string,
    words: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ): Promise<Served> {
    const child = spawn(process.execPath, [DAYBOOK, 'serve', '--port', '0', ...words], {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for await (const line of createInterface({ input: child.stderr })) {
      const address = /http:\S+?(?=;|$)/.exec(line)?.[0];
      if (address === undefined) continue;
      child.stderr.resume();
      return new Served(child, address);
    }
    throw new Error('it does not listen');
  }

  /** Posts events. */
  post(body: string | ReadableStream, type = 'application/json'): Promise<Response> {
    const init = { method: 'POST', headers: { 'content-type': type }, body, duplex: 'half' };
    return fetch(`${this.address}/api/v1/events`, init as RequestInit);
  }

  /** Tells it to stop. Returns how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<unknown[]> {
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    return closed;
  }
}
