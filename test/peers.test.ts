import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { bill, filesOf } from './support/bill.ts';
import { needsProgram } from './support/needs.ts';

const PEERS = join(import.meta.dirname, '../bench/peers');
const JUNK = [
  '',
  'junk',
  '25:00:00 A End',
  '10:00:00 A_B Start',
  '10:00:00 A Started',
  '10:00:00 A',
];

/** Programs that bill a log each in its own way; how to run them. */
const peers: Record<string, (log: string) => string> = {
  cc: (log) => {
    const program = join(dirname(log), 'bill');
    execFileSync('cc', ['-O3', '-o', program, join(PEERS, 'bill.c')]);
    return execFileSync(program, [log], { encoding: 'utf8' });
  },
  mawk: (log) => execFileSync('mawk', ['-f', join(PEERS, 'bill.awk'), log], { encoding: 'utf8' }),
  python3: (log) => execFileSync('python3', [join(PEERS, 'bill.py'), log], { encoding: 'utf8' }),
};

describe('a bill', () => {
  for (const [program, billed] of Object.entries(peers)) {
    test(
      `is what a program for ${program} makes of the same log`,
      needsProgram(program),
      async () => {
        using files = filesOf({ 'app.log': sortedLog(20_000) });
        const [log] = files.paths;
        const lines = billed(log!).trimEnd().split('\n');
        assert.deepEqual((await bill([log!])).lines.toSorted(), lines.toSorted());
      },
    );
  }
});

function sortedLog(count: number): string {
  let log = '';
  for (let i = 0; i < count; i++) {
    const clock = new Date(i * 4000).toISOString().slice(11, 19);
    const random = (i * 7919) % 1009;
    log +=
      i % 50 === 0
        ? `${JUNK[random % JUNK.length]}\n`
        : `${clock} user${random % 97} ${random % 5 < 3 ? 'Start' : 'End'}\n`;
  }
  return log;
}
