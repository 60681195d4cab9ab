import type { Books } from '../../src/core/books.ts';
import type { Report } from '../../src/core/report.ts';
import type { Row } from '../../src/core/table.ts';
import { openTop } from '../../src/open/open-connections.ts';
import type { WindowRows } from '../../src/pipeline/follow/window-run.ts';
import { FakeInput, FakeSource, followed } from './fake-live.ts';

/** A full minute, from which tests count. */
export const T: number = Date.UTC(2021, 2, 1, 12);
/** Times that were torn. */
export const TORN = { 1970: 30_000, 2466: Date.UTC(2466, 0, 1, 0, 0, 30) } as const;

/** A connection from a host to `z`. */
export type HostAt = readonly [time: number, host: string];

/** The busiest hosts of every minute. */
export function minutely(maxDisorder: string) {
  return openTop({ files: [], follow: true, every: '1m', maxDisorder });
}

/** A connection log of hosts that each connect to `z`. */
export function logOf(...records: readonly HostAt[]): string {
  return records.map(([time, host]) => `${time} ${host} z\n`).join('');
}

/** Each report as its minute, state and rows. */
export function shownOf(reports: readonly WindowRows[]): (string | number)[][] {
  return reports.map(({ window, state, rows }) => {
    const content = contentOf(rows).map((row) => row.join(' '));
    return [(window.start - T) / 60_000, state, ...content];
  });
}

export function sourceOf(log: string, chunks: readonly number[] = []): FakeSource {
  return new FakeSource([new FakeInput('log', 0, Buffer.from(log), { chunks })]);
}

/** What following some logs gives when it is stopped after so many steps, and goes on from what was saved. */
export async function stoppedAndResumed<Result>(
  open: () => Promise<Report<Result>>,
  logs: readonly string[],
  { chunks, at }: { chunks: readonly (readonly number[])[]; at: number },
): Promise<{ reports: WindowRows[]; books: Books }> {
  const now = () => 0;
  const inputs = logs.map(
    (log, i) => new FakeInput(`log ${i}`, i, Buffer.from(log), { chunks: chunks[i]! }),
  );
  let steps = 0;
  const front = await followed(open(), new FakeSource(inputs), {
    now,
    onStep: () => steps++ === at,
  });
  const saved = structuredClone(front.follower.save());
  const rest = inputs
    .filter(({ end }) => end === undefined)
    .map((input, i) => input.resumed(input.mark(), chunks.at(-i - 1)!));
  const back = await followed(open(), new FakeSource(rest), { now, saved });
  return { reports: [...front.reports, ...back.reports], books: back.follower.books };
}

export function finalOf(reports: readonly WindowRows[]): WindowRows[] {
  return reports.filter(({ state }) => state !== 'provisional');
}

/** The lengths of the lines, with a wait behind each. */
export function lengthsOf(log: string): number[] {
  return log.split(/(?<=\n)/).flatMap((line) => [line.length, 0]);
}

/** What rows say of a window; one of an empty window says nothing. */
export function contentOf(rows: readonly Row[]): Row[] {
  return rows.map((row) => row.slice(3)).filter((row) => row.some((cell) => cell !== null));
}

/** Records of three minutes. */
export const MINUTES: readonly HostAt[] = [
  [T, 'a'],
  [T + 1, 'a'],
  [T + 60_000, 'a'],
  [T + 120_000, 'a'],
  [T + 121_000, 'a'],
];
