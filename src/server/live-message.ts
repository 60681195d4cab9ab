import { secondsText } from '../core/cell.ts';
import { DaybookError } from '../core/errors.ts';
import { formatInstant, HOUR } from '../core/time.ts';
import type { MeterAnswer } from '../open/open-meter.ts';
import type { ServerContext } from './api.ts';
import type { BooksChanged, LiveEntry, WindowClosed } from './live-log.ts';
import { inHttp } from './problem.ts';
import { answerMeter } from './query-meter.ts';
import { inputShown } from './routes/inputs.ts';

/** Whose windows to tell: each of these; everybody together unless given. */
export type ToldSubjects = readonly string[] | undefined;

/**
 * What is told of something that happened, as JSON: a window has what there is in it by now.
 *
 * @returns Undefined where what it is of is not there any more.
 */
export async function liveMessage(
  context: Pick<ServerContext, 'path' | 'store'>,
  entry: LiveEntry,
  subjects: ToldSubjects,
  signal: AbortSignal,
): Promise<string | undefined> {
  return entry.event === 'window'
    ? windowMessage(context, entry, subjects, signal)
    : booksMessage(context, entry);
}

async function windowMessage(
  { path }: Pick<ServerContext, 'path'>,
  { of, meter, start, end, state }: WindowClosed,
  subjects: ToldSubjects,
  signal: AbortSignal,
): Promise<string> {
  const edges = { window_start: instant(start), window_end: instant(end) };
  const head = JSON.stringify({ ...of, ...edges, windows: (end - start) / HOUR, state });
  const query = { from: String(start), to: String(end), subject: subjects };
  try {
    const { rows } = await answerMeter(path, meter, query, { subjects, signal });
    return `${head.slice(0, -1)},"data":[${rows.map(rowJson)}]}`;
  } catch (error) {
    // Such as that its events are forgotten.
    if (!(error instanceof DaybookError) || error.code !== 'USAGE') throw error;
    return `${head.slice(0, -1)},"data":[],"detail":${JSON.stringify(inHttp(error.message, path))}}`;
  }
}

function rowJson({ value, durationMs, subject }: MeterAnswer['rows'][number]): string {
  const seconds = durationMs === undefined ? '' : `,"seconds":${secondsText(durationMs)}`;
  return `{"value":${value},"subject":${JSON.stringify(subject)}${seconds}}`;
}

async function booksMessage(
  { store }: Pick<ServerContext, 'store'>,
  { source, input }: BooksChanged,
): Promise<string | undefined> {
  try {
    return JSON.stringify(inputShown(source, await store.input(input)));
  } catch (error) {
    // It may have been taken back.
    if (error instanceof DaybookError && error.cause === undefined) return undefined;
    throw error;
  }
}

function instant(time: number): string {
  return formatInstant(time, 'UTC');
}
