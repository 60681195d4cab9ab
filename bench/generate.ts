/**
 * Writes a session log: sorted by time over one day, names skewed, half a percent of it junk.
 *
 * Usage: node generate.ts LINES FILE [DISORDER_SECONDS]
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const [lines = 40_000_000, disorder = 0] = [process.argv[2], process.argv[4]].map((text) =>
  text === undefined ? undefined : Number(text),
);
const path = process.argv[3] ?? 'sessions.log';
const USERS = 20_000;
const JUNK = [
  '',
  'INVALID LINE',
  '59:01:00',
  '14:02:03 USER#$ Start',
  '25:00:00 ALICE99 End',
  '14:02:03 ALICE99 Started',
];

let seed = 20_260_101;
/** A repeatable number in [0, 1): mulberry32. */
function random(): number {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const names = Array.from({ length: USERS }, (_, user) => {
  let name = '';
  for (let rest = 6 + Math.floor(random() * 8); rest > 0; rest--)
    name += LETTERS[Math.floor(random() * LETTERS.length)];
  return name + user.toString(36);
});
const clock = Array.from({ length: 86_400 }, (_, s) =>
  new Date(s * 1000).toISOString().slice(11, 19),
);

const out = openSync(path, 'w');
const open = new Uint32Array(USERS);
let block = '';
for (let line = 0; line < lines; line++) {
  if (random() < 0.005) {
    block += `${JUNK[Math.floor(random() * JUNK.length)]}\n`;
  } else {
    const user = Math.floor(USERS * random() ** 3);
    const second = Math.floor((line / lines) * 86_400 - random() * disorder);
    // Mostly in pairs, now and then a half is missing.
    const start = open[user] === 0 ? random() < 0.98 : random() < 0.3;
    open[user] = Math.max(0, open[user]! + (start ? 1 : -1));
    block += `${clock[Math.max(0, second)]} ${names[user]} ${start ? 'Start' : 'End'}\n`;
  }
  if (block.length > 1 << 20 || line === lines - 1) {
    writeSync(out, block);
    block = '';
  }
}
closeSync(out);
