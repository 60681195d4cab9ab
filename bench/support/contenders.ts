import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { daybook } from './daybook.ts';
import type { Command } from './measure.ts';
import type { Task } from './task.ts';

/** One who answers a task, or at least reads the log. */
export interface Contender {
  readonly name: string;
  /** What it is, with its version. */
  readonly about: string;
  /** Takes so long that a part of the log must do. */
  readonly slow: boolean;
  /** Prints an answer, which must be that of all others. */
  readonly answers: boolean;
  command(log: string): Command;
}

const PEERS = fileURLToPath(new URL('../peers', import.meta.url));
const DUCKDB = fileURLToPath(
  new URL('../node_modules/@duckdb/node-api/package.json', import.meta.url),
);

/** All that can run on this machine; the C peer is compiled into the folder. */
export function contendersIn(folder: string, task: Task): Contender[] {
  const cores = availableParallelism();
  const optional = {
    mawk: mawkPeer(task),
    python3: pythonPeer(task),
    DuckDB: duckdbPeer(task),
  };
  for (const [name, found] of Object.entries(optional)) {
    if (!found) process.stderr.write(`left out, as it is not here: ${name}\n`);
  }
  return [
    ...(cores > 1 ? [daybookOn(cores, task)] : []),
    daybookOn(1, task),
    ...(task.baseline === 'C' ? cPeers(folder, task) : []),
    {
      name: 'wc -l',
      about: `${versionOf('wc', '--version')}, counts line ends: the floor of reading the log`,
      slow: false,
      answers: false,
      command: (log) => ({ program: 'wc', args: ['-l', log] }),
    },
    ...Object.values(optional).filter((peer) => peer !== undefined),
  ];
}

function daybookOn(threads: number, task: Task): Contender {
  const [report, ...options] = task.daybook;
  const words = [report!, '-q', '--threads', `${threads}`, ...options];
  return {
    name: `daybook, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    about: `\`daybook ${words.join(' ')}\``,
    slow: false,
    answers: true,
    command: (log) => daybook(...words, log),
  };
}

function cPeers(folder: string, { peers, words, search }: Task): Contender[] {
  const fast = cPeer(folder, `${peers}.c`, words);
  const plain = `${peers}-plain.c`;
  const isThere = existsSync(join(PEERS, plain));
  return [
    { ...fast, name: 'C' },
    ...(isThere ? [{ ...cPeer(folder, plain, words), name: 'C, plain' }] : []),
    ...(search === undefined
      ? []
      : [
          {
            ...cPeer(folder, `${peers}.c`, search),
            name: 'C, searching',
            about:
              'the first C program; looks for the name with memmem and reads only lines that have it',
          },
        ]),
  ];
}

function cPeer(folder: string, source: string, words: readonly string[]): Omit<Contender, 'name'> {
  const program = join(folder, source.replace(/[.]c$/, ''));
  const compiler = ['-O3', '-o', program, join(PEERS, source)];
  const { status } = spawnSync('cc', compiler, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${source} did not compile: is there a cc?`);
  return {
    about: `\`peers/${source}\`, one thread, ${versionOf('cc', '--version')}, -O3`,
    slow: false,
    answers: true,
    command: (log) => ({ program, args: [...words, log] }),
  };
}

function mawkPeer({ awk }: Task): Contender | undefined {
  const version = versionOf('mawk', '-W', 'version');
  if (version === undefined) return undefined;
  const source = awk.at(-1)!;
  const words = [...awk.slice(0, -1), join(PEERS, source)];
  return {
    name: 'mawk',
    about: `\`peers/${source}\`, one thread, ${version}, in the C locale`,
    slow: true,
    answers: true,
    command: (log) => ({ program: 'env', args: ['LC_ALL=C', 'mawk', ...words, log] }),
  };
}

function pythonPeer({ peers, words }: Task): Contender | undefined {
  // The interpreter itself: the python3 on the path may be a script that looks for it.
  const program = versionOf('python3', '-c', 'import sys; print(sys.executable)');
  if (program === undefined) return undefined;
  return {
    name: 'Python',
    about: `\`peers/${peers}.py\`, one thread, ${versionOf(program, '--version')}`,
    slow: true,
    answers: true,
    command: (log) => ({ program, args: [join(PEERS, `${peers}.py`), ...words, log] }),
  };
}

function duckdbPeer({ peers, words }: Task): Contender | undefined {
  if (!existsSync(DUCKDB)) return undefined;
  const { version } = JSON.parse(readFileSync(DUCKDB, 'utf8')) as { version: string };
  const script = `${peers}-duckdb.ts`;
  return {
    name: 'DuckDB',
    about: `\`peers/${script}\`, all cores, @duckdb/node-api ${version}`,
    slow: false,
    answers: true,
    command: (log) => ({ program: process.execPath, args: [join(PEERS, script), ...words, log] }),
  };
}

/** The first line that a program says, undefined if it cannot be run. */
function versionOf(program: string, ...args: string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? (stdout || stderr).split('\n')[0] : undefined;
}
