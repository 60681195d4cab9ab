import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, DAY_START_MS } from '../support/connection-log.ts';
import { daybook } from '../support/daybook.ts';
import { logFile, warm } from '../support/log-file.ts';
import { markdownTable } from '../support/markdown.ts';
import { median } from '../support/median.ts';
import { hosts } from '../support/task.ts';
import { FinalWindows } from './final-windows.ts';
import { Follower } from './follower.ts';

const HOUR_MS = 3_600_000;
const DISORDER_MS = 300_000;
const POLL_MS = 2;
/** Start of the last window that is final before the log ends. */
const LAST_WINDOW = DAY_START_MS + DAY_MS - 2 * HOUR_MS;
/** Part of the log that has to be read until then. */
const SHARE = (LAST_WINDOW + HOUR_MS + DISORDER_MS - DAY_START_MS) / DAY_MS;

/** Records a second of a log that was there before, until its last full hour is reported. */
export async function throughput(data: string, lines: number, rounds: number): Promise<string> {
  const log = logFile(data, 'connections', { lines, disorderSeconds: 0 });
  warm(log);
  const runs: { readonly seconds: number; readonly peakMib: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    runs.push(await catchUp(log, join(data, 'traffic.ndjson')));
    process.stderr.write(
      `${round + 1}/${rounds} caught up: ${runs.at(-1)!.seconds.toFixed(2)} s\n`,
    );
  }
  const records = Math.ceil(lines * SHARE);
  const seconds = runs.map((run) => run.seconds);
  const table = markdownTable(
    ['Rate', 'lines', 'median s', 'range s', 'million lines/s', 'peak MiB'],
    [
      [
        '`--every 1h --follow`',
        records.toLocaleString('en'),
        median(seconds).toFixed(2),
        `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
        (records / median(seconds) / 1e6).toFixed(2),
        median(runs.map(({ peakMib }) => peakMib)).toFixed(0),
      ],
    ],
  );
  return `A log of ${lines.toLocaleString('en')} lines that was there before, medians of ${rounds} rounds: from the
start of the process until the hour from 22:00 was final in \`-o FILE\`, which is when 23:05 was read.

${table}`;
}

async function catchUp(log: string, output: string): Promise<{ seconds: number; peakMib: number }> {
  rmSync(output, { force: true });
  const host = hosts.words[1]!;
  const began = performance.now();
  const follower = new Follower(
    daybook(
      ...['traffic', '-q', '--host', host, '--every', '1h', '--follow', '--read-from', 'start'],
      ...['--max-disorder', '5m', '--format', 'ndjson', '-o', output, log],
    ),
  );
  const windows = new FinalWindows();
  const reading = new AbortController();
  const read = readRows(output, windows, reading.signal);
  try {
    const ended = await follower.until(windows.wait(LAST_WINDOW), 600_000);
    return { seconds: (ended - began) / 1000, peakMib: follower.memory().peakMib };
  } finally {
    reading.abort();
    await read;
    await follower.stop();
    rmSync(output, { force: true });
  }
}

/** Reads what is added to a file that another writes, as soon as it is there. */
async function readRows(path: string, windows: FinalWindows, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.alloc(1 << 20);
  let file: number | undefined;
  while (!signal.aborted) {
    file ??= openIfThere(path);
    const count = file === undefined ? 0 : readSync(file, buffer);
    if (count > 0) windows.take(buffer.toString('latin1', 0, count));
    else await sleep(POLL_MS);
  }
  if (file !== undefined) closeSync(file);
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined; // Nothing was reported yet.
  }
}
