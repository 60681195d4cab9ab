import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_START_MS } from '../support/connection-log.ts';
import { daybook } from '../support/daybook.ts';
import { markdownTable } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import { randomNumbers } from '../support/random.ts';
import { Follower } from './follower.ts';

const WINDOW_MS = 1000;
const LONGEST_PAUSE_MS = 200;
const WARM_UP = 20;

/**
 * How long it takes from a line being written to a count being visible.
 *
 * Every line is in the window after that of the line before, and so the one that makes the window before
 * final. Lines are written one at a time at random moments.
 */
export async function delay(data: string, samples: number): Promise<string> {
  const path = join(data, 'delay.log');
  const random = randomNumbers(7);
  const log = openSync(path, 'w');
  const append = (second: number) =>
    writeSync(log, `${DAY_START_MS + second * WINDOW_MS + 500} There Here\n`);
  append(0);
  const follower = new Follower(
    daybook(
      ...['traffic', '-q', '--host', 'Here', '--every', '1s', '--max-disorder', '0s', '--follow'],
      ...['--read-from', 'start', '--format', 'ndjson', path],
    ),
  );
  const delaysMs: number[] = [];
  try {
    for (let second = 1; second <= WARM_UP + samples; second++) {
      await sleep(random() * LONGEST_PAUSE_MS);
      const seen = follower.windows.wait(DAY_START_MS + (second - 1) * WINDOW_MS);
      const writtenMs = performance.now();
      append(second);
      const delayMs = (await follower.until(seen)) - writtenMs;
      if (second > WARM_UP) delaysMs.push(delayMs);
    }
  } finally {
    await follower.stop();
    closeSync(log);
    rmSync(path);
  }
  const sorted = delaysMs.toSorted((a, b) => a - b);
  const percentile = (percent: number) => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!;
  const cells = [median(sorted), percentile(99), sorted.at(-1)!].map((ms) => ms.toFixed(1));
  const table = markdownTable(
    ['Delay', 'samples', 'median ms', '99th percentile ms', 'longest ms'],
    [['`--every 1s --max-disorder 0s --follow`', `${samples}`, ...cells]],
  );
  return `From before a line is written until the row of the window that it makes final is read from standard
output; lines are written one at a time, at random moments up to ${LONGEST_PAUSE_MS} ms apart.

${table}`;
}
