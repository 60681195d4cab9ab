import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Who runs servers that do not run as root. */
export const NOBODY = 65_534;

/** Whether this process is root, and has to run some servers as somebody else. */
export const isRoot: boolean = process.getuid?.() === 0;

/** A folder that is gone when this process is; of `nobody`, if that is who runs the server. */
export function serverFolder(name: string, owner?: number): string {
  const folder = mkdtempSync(join(tmpdir(), `daybook-${name}-`));
  if (owner !== undefined && isRoot) chownSync(folder, owner, owner);
  atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 9 }));
  return folder;
}

/** A port of the loopback interface that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/**
 * Starts a server that dies with this process, and waits until it answers.
 *
 * @param logFolder - Gets what it says, as `log`.
 * @param ending - The signal that it gets where this process is killed.
 */
export async function startServer(
  command: readonly string[],
  logFolder: string,
  {
    answers,
    owner,
    ending = 'SIGKILL',
  }: { answers: () => Promise<unknown>; owner?: number; ending?: 'SIGKILL' | 'SIGQUIT' },
): Promise<ChildProcess> {
  const logPath = join(logFolder, 'log');
  const log = openSync(logPath, 'a');
  const user = owner !== undefined && isRoot ? ['--reuid', owner, '--regid', owner] : [];
  const groups = user.length > 0 ? ['--clear-groups'] : [];
  const dying = ['--pdeathsig', ending.slice(3), ...user.map(String), ...groups, '--', ...command];
  const child = spawn('setpriv', dying, { cwd: logFolder, stdio: ['ignore', log, log] });
  child.unref();
  atExit(() => signalTree(child.pid!, 'SIGKILL'));
  for (let tries = 0; ; tries++) {
    try {
      await answers();
      return child;
    } catch (cause) {
      if (child.exitCode === null && tries < 400) await delay(50);
      else throw new Error(`${command[0]}: ${readFileSync(logPath, 'utf8')}`, { cause });
    }
  }
}

/** Sends a signal to a process and those that it has started. */
export function signalTree(pid: number, signal: NodeJS.Signals): void {
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  for (const one of [pid, ...children.stdout.split(/\s+/).filter(Boolean).map(Number)])
    try {
      process.kill(one, signal);
    } catch {} // It has ended by itself.
}

const leftovers: (() => void)[] = [];

/** Does something when this process ends, what was begun last first. */
function atExit(clear: () => void): void {
  if (leftovers.length === 0)
    process.once('exit', () => {
      for (const clear of leftovers.toReversed()) clear();
    });
  leftovers.push(clear);
}
