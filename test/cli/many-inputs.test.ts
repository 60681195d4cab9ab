import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { filesOf } from '../support/bill.ts';
import { daybook } from '../support/cli.ts';

const FILES = 3000;
const RECORDS = 30_000;
/** Far fewer than there are files. */
const MOST_OPEN = 256;
const WINDOWS = ['--every', '1m', '--format', 'csv'];

describe('daybook on thousands of inputs of one time', () => {
  const { whole, pieces } = logs();
  const named = (content: string, i: number, isPacked: boolean) =>
    [`${i}.log`, isPacked ? gzipSync(content, { level: 1 }) : content] as const;

  for (const [kind, isPacked] of [
    ['plain', () => false],
    ['partly compressed', (i: number) => i % 3 === 0],
  ] as const) {
    test(`reports the windows of the one log they were, ${kind}`, async () => {
      using one = filesOf({ 'whole.log': whole });
      using many = filesOf(
        Object.fromEntries(pieces.map((piece, i) => named(piece, i, isPacked(i)))),
      );
      const expected = await daybook(['top', ...one.paths, ...WINDOWS]);
      const found = await daybook(['top', ...many.paths, ...WINDOWS], { openFiles: MOST_OPEN });
      assert.deepEqual(found, expected);
      assert.equal(found.code, 0);
      assert.ok(found.stdout.split('\n').length > 100);
    });
  }
});

/** A log in order of time, and its records dealt out to files in turn. */
function logs(): { whole: string; pieces: string[] } {
  const pieces = Array.from({ length: FILES }, () => '');
  let whole = '';
  for (let i = 0; i < RECORDS; i++) {
    const line = `${1_565_647_200_000 + i * 60} host${(i * 7919) % 13} peer${i % 5}\n`;
    whole += line;
    pieces[i % FILES] += line;
  }
  return { whole, pieces };
}
