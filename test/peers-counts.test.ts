import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesOf } from './support/bill.ts';
import { daybook } from './support/cli.ts';
import { needsProgram } from './support/needs.ts';

const PEERS = join(import.meta.dirname, '../bench/peers');
const START = Date.UTC(2021, 1, 28, 22);

/** Programs that count events each in its own way; how to run them. */
const peers: Record<string, readonly string[]> = {
  mawk: ['-f', join(PEERS, 'counts.awk')],
  python3: [join(PEERS, 'counts.py')],
};

describe('events of each hour', () => {
  for (const [program, words] of Object.entries(peers)) {
    test(
      `are what a program for ${program} finds in the same CSV`,
      needsProgram(program),
      async () => {
        using files = filesOf({ 'events.csv': eventLog(20_000) });
        const [log] = files.paths;
        const { stdout } = await daybook(['counts', log!]);
        const found = execFileSync(program, [...words, log!], { encoding: 'utf8' });
        assert.deepEqual(linesOf(stdout), linesOf(found));
      },
    );
  }
});

function linesOf(text: string): string[] {
  const lines = text.trimEnd().split('\n');
  assert.ok(lines.length > 50);
  return lines.toSorted();
}

/** A day and a half, up to five minutes out of order. */
function eventLog(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const random = (i * 7919) % 10_007;
    const at = new Date(START + i * 6500 - (random % 301) * 1000).toISOString();
    const name = ['constructor', '__proto__', '10', 'Zoë'][random % 97] ?? `cust_${random % 97}`;
    return `${name},login,t${i},${at.slice(0, 10)} ${at.slice(11, 23)}+00\n`;
  });
  return lines.join('');
}
