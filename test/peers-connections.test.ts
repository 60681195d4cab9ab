import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from './support/bill.ts';
import { daybook } from './support/cli.ts';
import { needsProgram } from './support/needs.ts';

const PEERS = join(import.meta.dirname, '../bench/peers');
const START = 1_565_647_200_000;
const DISORDER = 300_000;
const HOST = '10'; // As a number it would be the same as 1e1, which is another host.
const FROM = `${START + 1_000_000}`;
const THROUGH = `${START + 9_000_000}`;
const MAWK_VARIABLES = [`host=${HOST}`, `from=${FROM}`, `through=${THROUGH}`].flatMap((set) => [
  '-v',
  set,
]);
const PYTHON = join(PEERS, 'connections.py');
const JUNK = [
  '',
  'junk',
  `${START} ${HOST}`,
  `${START} ${HOST} Matina Keimy`,
  `${HOST} Matina`,
  `${START + 2_000_000}.5 ${HOST} Matina`,
  `-${START} ${HOST} Matina`,
  `${START}${START} ${HOST} Matina`,
];

const ODD_NAMES = [HOST, HOST, HOST, '1e1', '010', 'constructor'];

interface Peer {
  hosts(log: string): string;
  top(log: string): string;
}

/** Programs that count connections each in its own way; how to run them. */
const peers: Record<string, Peer> = {
  cc: {
    hosts: (log) => output(compiled(log), 'hosts', HOST, FROM, THROUGH, log),
    top: (log) => output(compiled(log), 'top', log),
  },
  mawk: {
    hosts: (log) => output('mawk', ...MAWK_VARIABLES, '-f', join(PEERS, 'hosts.awk'), log),
    top: (log) => output('mawk', '-f', join(PEERS, 'top.awk'), log),
  },
  python3: {
    hosts: (log) => output('python3', PYTHON, 'hosts', HOST, FROM, THROUGH, log),
    top: (log) => output('python3', PYTHON, 'top', log),
  },
};

describe('peers of a host', () => {
  for (const [program, { hosts }] of Object.entries(peers)) {
    test(
      `are what a program for ${program} finds in the same log`,
      needsProgram(program),
      async () => {
        using files = filesOf({ 'hosts.log': connectionLog(20_000) });
        const [log] = files.paths;
        const range = ['--from', FROM, '--through', THROUGH];
        const { stdout } = await daybook(['hosts', '--host', HOST, ...range, log!]);
        assert.deepEqual(linesOf(stdout), linesOf(hosts(log!)));
      },
    );
  }

  test('are found by the C program also where it looks for the name', needsProgram('cc'), () => {
    using files = filesOf({ 'hosts.log': connectionLog(20_000) });
    const [log] = files.paths;
    const found = output(compiled(log!), 'search', HOST, FROM, THROUGH, log!);
    assert.equal(found, peers['cc']!.hosts(log!));
  });
});

describe('the busiest hosts', () => {
  for (const [program, { top }] of Object.entries(peers)) {
    test(
      `are what a program for ${program} finds in the same log`,
      needsProgram(program),
      async () => {
        using files = filesOf({ 'hosts.log': connectionLog(20_000) });
        const [log] = files.paths;
        const { stdout } = await daybook(['top', log!]);
        assert.deepEqual(linesOf(stdout), linesOf(top(log!)));
      },
    );
  }
});

function output(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8' });
}

function compiled(log: string): string {
  const program = join(dirname(log), 'connections');
  execFileSync('cc', ['-O3', '-o', program, join(PEERS, 'connections.c')]);
  return program;
}

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length > 50);
  return lines.toSorted();
}

/** Three hours, up to five minutes out of order. */
function connectionLog(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const random = (i * 7919) % 10_007;
    if (i % 50 === 0) return JUNK[random % JUNK.length];
    const behind = random % 11 === 0 ? DISORDER : (random % 3) * 100_000;
    const time = START + Math.max(0, i * 540 - behind);
    const [source, target] = [hostOf(random), hostOf((i * 104_729) % 8191)];
    return i % 70 === 0 ? ` ${time}\t${source}  ${target} ` : `${time} ${source} ${target}`;
  });
  return lines.join('\n'); // The last line has no end.
}

function hostOf(random: number): string {
  const number = random % 97;
  return ODD_NAMES[number] ?? `host${'x'.repeat(number % 9)}${number}`;
}
