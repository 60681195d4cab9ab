import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daybookBill } from './daybook.ts';
import type { Command } from './measure.ts';

/** One who bills a log, or at least reads it. */
export interface Contender {
  readonly name: string;
  /** What it is, with its version. */
  readonly about: string;
  /** Takes so long that a part of the log must do. */
  readonly slow: boolean;
  /** Prints a bill, which must be that of all others. */
  readonly bills: boolean;
  command(log: string): Command;
}

const BENCH = fileURLToPath(new URL('..', import.meta.url));

/** The one that others are compared with. */
export const BASELINE = 'C';

/** All that can run on this machine; the C peer is compiled into the folder. */
export function contendersIn(folder: string): Contender[] {
  const cores = availableParallelism();
  const optional = { mawk: mawkPeer(), python3: pythonPeer(), DuckDB: duckdbPeer() };
  for (const [name, found] of Object.entries(optional)) {
    if (!found) process.stderr.write(`left out, as it is not here: ${name}\n`);
  }
  return [
    ...(cores > 1 ? [daybook(cores)] : []),
    daybook(1),
    cPeer(folder),
    {
      name: 'wc -l',
      about: `${versionOf('wc', '--version')}, counts line ends: the floor of reading the log`,
      slow: false,
      bills: false,
      command: (log) => ({ program: 'wc', args: ['-l', log] }),
    },
    ...Object.values(optional).filter((peer) => peer !== undefined),
  ];
}

function daybook(threads: number): Contender {
  return {
    name: `daybook, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    about: `this checkout, \`daybook bill -q --threads ${threads}\``,
    slow: false,
    bills: true,
    command: (log) => daybookBill(log, ['--threads', `${threads}`]),
  };
}

function cPeer(folder: string): Contender {
  const program = join(folder, 'bill-c');
  const source = join(BENCH, 'peers/bill.c');
  const { status } = spawnSync('cc', ['-O3', '-o', program, source], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the C peer did not compile: is there a cc?');
  return {
    name: BASELINE,
    about: `\`peers/bill.c\`, one thread, ${versionOf('cc', '--version')}, -O3`,
    slow: false,
    bills: true,
    command: (log) => ({ program, args: [log] }),
  };
}

function mawkPeer(): Contender | undefined {
  const version = versionOf('mawk', '-W', 'version');
  if (version === undefined) return undefined;
  return {
    name: 'mawk',
    about: `\`peers/bill.awk\`, one thread, ${version}, in the C locale`,
    slow: true,
    bills: true,
    command: (log) => ({
      program: 'env',
      args: ['LC_ALL=C', 'mawk', '-f', join(BENCH, 'peers/bill.awk'), log],
    }),
  };
}

function pythonPeer(): Contender | undefined {
  // The interpreter itself: the python3 on the path may be a script that looks for it.
  const program = versionOf('python3', '-c', 'import sys; print(sys.executable)');
  if (program === undefined) return undefined;
  return {
    name: 'Python',
    about: `\`peers/bill.py\`, one thread, ${versionOf(program, '--version')}`,
    slow: true,
    bills: true,
    command: (log) => ({ program, args: [join(BENCH, 'peers/bill.py'), log] }),
  };
}

function duckdbPeer(): Contender | undefined {
  const manifest = join(BENCH, 'node_modules/@duckdb/node-api/package.json');
  if (!existsSync(manifest)) return undefined;
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return {
    name: 'DuckDB',
    about: `\`peers/duckdb.ts\`, all cores, @duckdb/node-api ${version}`,
    slow: false,
    bills: true,
    command: (log) => ({ program: process.execPath, args: [join(BENCH, 'peers/duckdb.ts'), log] }),
  };
}

/** The first line that a program says, undefined if it cannot be run. */
function versionOf(program: string, ...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? (stdout || stderr).split('\n')[0] : undefined;
}
