import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { DAY_START_MS } from '../support/connection-log.ts';
import { daybook } from '../support/daybook.ts';
import { markdownTable } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import { hosts } from '../support/task.ts';
import { Follower } from './follower.ts';
import { LiveLog } from './live-log.ts';

const HOUR_MS = 3_600_000;
const DISORDER_MS = 300_000;
/**
 * How far the writer may be ahead of what is known to be read: more than a window and the disorder, so that
 * the reader always has work, and less than a piece, so that a piece is read when it is deleted.
 */
const LEAD_LINES = 8_000_000;
const ROTATE_LINES = 16_000_000;
const SAMPLE_MS = 1000;
const SETTLE_MS = 5000;

interface Sample {
  readonly mib: number;
  readonly linesRead: number;
}

/** Memory while a log grows as fast as it is read, and processor time while nothing arrives. */
export async function endurance(
  data: string,
  minutes: number,
  idleSeconds: number,
): Promise<string> {
  const path = join(data, 'live.log');
  const log = new LiveLog(path, ROTATE_LINES);
  log.append();
  const follower = new Follower(
    daybook(
      ...['traffic', '-q', '--host', hosts.words[1]!, '--every', '1h', '--max-disorder', '5m'],
      ...['--follow', '--read-from', 'start', '--format', 'ndjson', path],
    ),
  );
  const linesRead = () =>
    Math.max(0, LiveLog.linesBefore(follower.windows.latest + HOUR_MS + DISORDER_MS));
  const samples: Sample[] = [];
  const writing = new AbortController();
  const written = writeFor(minutes * 60_000, log, linesRead).finally(() => writing.abort());
  const sampled = sample(writing.signal, () => {
    samples.push({ mib: follower.memory().nowMib, linesRead: linesRead() });
  });
  try {
    await follower.until(Promise.all([written, sampled]), minutes * 60_000 + SETTLE_MS);
    const fullHours = Math.floor((log.lines - 1 - DISORDER_MS) / HOUR_MS);
    await follower.until(follower.windows.wait(DAY_START_MS + (fullHours - 1) * HOUR_MS));
    await sleep(SETTLE_MS);
    const before = follower.processorSeconds();
    await sleep(idleSeconds * 1000);
    const idle = follower.processorSeconds() - before;
    return `A log that grows as fast as it is read, rotated by rename every ${ROTATE_LINES.toLocaleString('en')} lines.
Resident memory of all threads, once a second:

${memoryTable(samples, minutes)}
Then nothing arrived for ${idleSeconds} s: ${idle.toFixed(2)} s of processor time.
`;
  } finally {
    await follower.stop();
    log.close();
    log.remove();
  }
}

/** Writes for so long, never too far ahead of the reader. */
async function writeFor(durationMs: number, log: LiveLog, linesRead: () => number): Promise<void> {
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    if (log.lines - linesRead() < LEAD_LINES) {
      log.append();
      await nextTurn(); // Rows may have come.
    } else {
      await sleep(1);
    }
  }
}

/** Does something once a second. */
async function sample(signal: AbortSignal, take: () => void): Promise<void> {
  while (!signal.aborted) {
    await sleep(SAMPLE_MS);
    take();
  }
}

function memoryTable(samples: readonly Sample[], minutes: number): string {
  const perMinute = samples.length / minutes;
  const rows = Array.from({ length: minutes }, (_, minute) => {
    const [from, to] = [minute * perMinute, (minute + 1) * perMinute].map(Math.floor);
    const mib = samples.slice(from, to).map((sample) => sample.mib);
    const lines = samples[to! - 1]!.linesRead - (samples[from! - 1]?.linesRead ?? 0);
    return [
      `${minute + 1}`,
      median(mib).toFixed(0),
      Math.max(...mib).toFixed(0),
      (lines / 60 / 1e6).toFixed(2),
    ];
  });
  return markdownTable(['Minute', 'median MiB', 'highest MiB', 'million lines/s'], rows);
}
