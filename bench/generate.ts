/**
 * Writes a session log of one day: names skewed, half a percent of it junk, the same in every run.
 *
 * Usage: node generate.ts [--lines NUMBER] [--disorder SECONDS] FILE
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wholeNumber } from './support/whole-number.ts';

/** What a log is to be like. */
export interface LogShape {
  readonly lines: number;
  /** How far behind its place a record may be, seconds. */
  readonly disorderSeconds: number;
}

/** Bytes of a line on average, its end included. */
export const LINE_BYTES = 26.8;

const USERS = 20_000;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const JUNK = [
  '',
  'INVALID LINE',
  '59:01:00',
  '14:02:03 USER#$ Start',
  '25:00:00 ALICE99 End',
  '14:02:03 ALICE99 Started',
];
const DAY_SECONDS = 86_400;
const BLOCK_CHARACTERS = 1 << 20;

/** Writes a log to a file. Lines are spread evenly over the day. */
export function writeLog(path: string, { lines, disorderSeconds }: LogShape): void {
  const random = randomNumbers(20_260_101);
  const names = Array.from({ length: USERS }, (_, user) => nameOf(user, random));
  const clock = Array.from({ length: DAY_SECONDS }, (_, second) =>
    new Date(second * 1000).toISOString().slice(11, 19),
  );
  const open = new Uint32Array(USERS);
  const file = openSync(path, 'w');
  let block = '';
  for (let line = 0; line < lines; line++) {
    if (random() < 0.005) {
      block += `${JUNK[Math.floor(random() * JUNK.length)]}\n`;
    } else {
      const user = Math.floor(USERS * random() ** 3);
      const second = Math.floor((line / lines) * DAY_SECONDS - random() * disorderSeconds);
      // Mostly in pairs, now and then a half is missing.
      const start = open[user] === 0 ? random() < 0.98 : random() < 0.3;
      open[user] = Math.max(0, open[user]! + (start ? 1 : -1));
      block += `${clock[Math.max(0, second)]} ${names[user]} ${start ? 'Start' : 'End'}\n`;
    }
    if (block.length > BLOCK_CHARACTERS) {
      writeFileSync(file, block);
      block = '';
    }
  }
  writeFileSync(file, block);
  closeSync(file);
}

/** Repeatable numbers in [0, 1): mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function nameOf(user: number, random: () => number): string {
  const length = 6 + Math.floor(random() * 8);
  const letters = Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]);
  return letters.join('') + user.toString(36);
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: {
      lines: { type: 'string', default: '40000000' },
      disorder: { type: 'string', default: '0' },
    },
    allowPositionals: true,
  });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    throw new Error('usage: node generate.ts [--lines NUMBER] [--disorder SECONDS] FILE');
  }
  writeLog(path, {
    lines: wholeNumber('--lines', values.lines),
    disorderSeconds: wholeNumber('--disorder', values.disorder, 0),
  });
}
