import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from './measure.ts';

/** A server that runs until it is disposed of. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/**
 * Starts a server, and waits for it to say on standard error where it listens. Its standard output, where daybook notes
 * each request, is not kept.
 *
 * @throws Error It ended before.
 */
export async function startServer({ program, args }: Command): Promise<Server> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    const take = (piece: Buffer): void => {
      said += piece;
      const [found] = /http:[/][/][0-9.:]+/.exec(said) ?? [];
      if (found === undefined) return;
      child.stderr.off('data', take).pipe(process.stderr, { end: false });
      resolve(found);
    };
    child.stderr.on('data', take);
    exited.then(() => reject(new Error(`${program} ${args.join(' ')}: ${said}`)), reject);
  });
  return {
    url,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}
