import type { CountResult } from '../aggregations/counts.ts';
import { Buckets } from '../core/buckets.ts';
import type { Note } from '../core/table.ts';
import { DAY, formatInstant } from '../core/time.ts';
import type { TimeRange } from '../core/time-range.ts';
import { type CountView, extentOf } from './counts.ts';

const YEAR = 365 * DAY;
/** Fewer empty rows are not worth a word. */
const MANY_ROWS = 1000;

/**
 * Tells where those who are asked for have rows without events for years, at an end that the range leaves open: as where
 * a torn time is of 1970.
 */
export function emptyStretches(
  result: CountResult,
  { subjects, interval, zone }: CountView,
  range: TimeRange,
): Note[] {
  const shown = extentOf(result, range);
  if (subjects === undefined || shown.from >= shown.to) return [];
  const buckets = new Buckets({ every: interval, align: 'clock', zone });
  const starts = new Set([shown.from, shown.to - 1].map((time) => buckets.at(time).start));
  for (const subject of result.subjects())
    for (const { start } of result.bucketsOf(subject)) starts.add(start);
  const sorted = Float64Array.from(starts).sort();
  const textOf = (time: number) => formatInstant(time, zone);
  const notes: Note[] = [];
  const look = (from: number, to: number, edge: string, narrower: string) => {
    const { start, end } = buckets.at(from);
    if (to - from < YEAR || to - from < MANY_ROWS * (end - start)) return;
    const years = Math.floor((to - from) / YEAR);
    const message = `nothing is counted for ${years === 1 ? 'a year' : `${years} years`} ${edge}; ${narrower} leaves the empty rows out`;
    notes.push({ code: 'empty-rows', message, from, to });
  };
  const [first, second = first!] = sorted;
  const [before, last = before!] = sorted.slice(-2);
  if (!Number.isFinite(range.from))
    look(
      first!,
      second,
      `after ${textOf(first!)}, where the log begins`,
      `--from ${textOf(second)}`,
    );
  const isTold = notes.length > 0 && sorted.length === 2;
  if (!Number.isFinite(range.to) && !isTold)
    look(
      before!,
      last,
      `before ${textOf(last)}, where the log ends`,
      `--to ${textOf(buckets.at(before!).end)}`,
    );
  return notes;
}
