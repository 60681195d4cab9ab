import type { LogShape } from './log-shape.ts';
import { randomNumbers } from './random.ts';

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

/** The lines of a session log of one day, spread evenly over it: names skewed, half a percent of it junk. */
export function* sessionLines({ lines, disorderSeconds }: LogShape): Generator<string> {
  const random = randomNumbers(20_260_101);
  const names = Array.from({ length: USERS }, (_, user) => nameOf(user, random));
  const clock = Array.from({ length: DAY_SECONDS }, (_, second) =>
    new Date(second * 1000).toISOString().slice(11, 19),
  );
  const open = new Uint32Array(USERS);
  for (let line = 0; line < lines; line++) {
    if (random() < 0.005) {
      yield JUNK[Math.floor(random() * JUNK.length)]!;
      continue;
    }
    const user = Math.floor(USERS * random() ** 3);
    const second = Math.floor((line / lines) * DAY_SECONDS - random() * disorderSeconds);
    // Mostly in pairs, now and then a half is missing.
    const start = open[user] === 0 ? random() < 0.98 : random() < 0.3;
    open[user] = Math.max(0, open[user]! + (start ? 1 : -1));
    yield `${clock[Math.max(0, second)]} ${names[user]} ${start ? 'Start' : 'End'}`;
  }
}

function nameOf(user: number, random: () => number): string {
  const length = 6 + Math.floor(random() * 8);
  const letters = Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]);
  return letters.join('') + user.toString(36);
}
