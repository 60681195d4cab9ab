import type { RunHistory } from '../../core/run-history.ts';
import { runId } from '../../core/run-id.ts';
import type { Schedule } from '../../core/schedule.ts';
import { formatInstant } from '../../core/time.ts';
import { daybookVersion } from '../../core/version.ts';

/** Nobody needs to know more exactly. */
const MOST_COUNTED = 1000;

/**
 * Enters what a schedule asked for and nobody made, as one run that was missed.
 *
 * @param stretch - The instants behind `after`, up to `until`.
 * @returns What was missed, in words; undefined where nothing was.
 */
export async function enterMissed(
  report: { readonly name: string; asOf(due: number): string },
  stretch: { readonly schedule: Schedule; readonly after: number; readonly until: number },
  { history, now }: { readonly history: RunHistory; readonly now: number },
): Promise<string | undefined> {
  const { schedule, after, until } = stretch;
  const due = schedule.latest(until);
  if (due === undefined || due <= after) return undefined;
  const first = schedule.next(after) ?? due;
  let count = 0;
  for (let at: number | undefined = first; at !== undefined && at <= due; at = schedule.next(at))
    if (++count > MOST_COUNTED) break;
  const message = missedText(count, first, due);
  await history.begin({
    ...{ id: runId(), report: report.name, asOf: report.asOf(due), due, started: now },
    ...{ finished: now, state: 'missed', error: message, version: daybookVersion() },
    ...{ parameters: {}, inputs: [], notes: [] },
  });
  return message;
}

function missedText(count: number, first: number, last: number): string {
  const at = (instant: number) => formatInstant(instant, 'UTC');
  if (count === 1) return `the run of ${at(last)} was due, and nobody made it`;
  const runs = count > MOST_COUNTED ? `more than ${MOST_COUNTED} runs` : `${count} runs`;
  return `${runs}, from ${at(first)} to ${at(last)}, were due, and nobody made them`;
}
