import type { Aggregation } from '../../core/aggregation.ts';
import { type Books, checkBalance } from '../../core/books.ts';
import { DaybookError, throwIfInterrupted } from '../../core/errors.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import type { Report } from '../../core/report.ts';
import type { Input } from '../../core/source.ts';
import type { Note, Table } from '../../core/table.ts';
import type { WindowedReport } from '../../core/windowed-report.ts';
import { finishedInputs } from '../read/finished-inputs.ts';
import { shortenInputs } from '../read/shorten-inputs.ts';
import { closeSpillFiles } from '../read/spill-file.ts';
import { unreadNotes } from '../read/unread-notes.ts';
import type { Pass } from './lane.ts';
import { decodedEvents, mergedEvents } from './read-events.ts';
import { type Scanned, type ScanOptions, scan } from './scan.ts';

/**
 * Makes a report of its inputs.
 *
 * They are read once, on all lanes. If the records turn out to be in an order that cannot be counted
 * as they come, or are wanted one by one, they are read a second time and sorted, spilling to disk; of
 * inputs that can be read only once, such as pipes, events are put aside in the first reading.
 *
 * @param use - Gets the table. Its rows must be read before the promise that it returns settles.
 * @throws DaybookError `SOURCE_UNREADABLE`, `SPILL_FAILED`, `INTERRUPTED`, or what a sink throws.
 *
 * @example
 * await runReport(await openBill({ files: ['app.log'] }), { threads: 2 }, (table) => print(table));
 */
export async function runReport<Result>(
  report: Report<Result>,
  options: ScanOptions,
  use: (table: Table) => Promise<void>,
): Promise<void> {
  const answer = await report.answer?.();
  if (answer && options.rejects)
    for await (const rejects of answer.rejects()) {
      throwIfInterrupted(options.signal);
      await options.rejects(rejects);
    }
  if (answer)
    return use(await report.table(answer.result, { ...answer, events: [], inOrder: true }));
  const { job, needsEvents, fields, logs, readUntil = Number.POSITIVE_INFINITY } = report;
  const opened = await loadJob(job);
  const aggregation = opened.aggregation as Aggregation<unknown, Result>;
  const limited = Number.isFinite(readUntil) && job.store === undefined;
  const inputs = limited ? await shortenInputs(report.inputs, opened, readUntil) : report.inputs;
  const unread = bytesOf(report.inputs) - bytesOf(inputs);
  const { windowed } = report;
  if (report.live !== undefined)
    throw new DaybookError('USAGE', 'what is followed has no end; leave out `follow` for a report');
  if (windowed !== undefined && job.store !== undefined)
    return useSorted(report, windowed, options, use);
  if (windowed !== undefined) {
    const { windowTable } = await import('../follow/run-windows.ts');
    const source = finishedInputs(opened.sources, inputs, options);
    try {
      return await use(await windowTable(windowed, source, { ...options, unread }));
    } finally {
      await source.close();
    }
  }
  const replayable = inputs.every((input) => input.replayable);
  const isOrdered = aggregation.order !== undefined;
  const pass: Pass = {
    aggregate: true,
    // Where order does not matter, only those are put aside that are to be told.
    runs: isOrdered ? (replayable ? 'none' : 'all') : needsEvents ? 'counted' : 'none',
    places: needsEvents,
    fields,
    rejects: options.rejects !== undefined,
    readUntil: limited ? readUntil : undefined,
  };
  const scanned = await scan(job, inputs, pass, options, opened);
  let sorted = scanned;
  try {
    const order = aggregation.order?.(scanned.state) ?? 'total';
    if (replayable && (order === 'none' || (needsEvents && order === 'enough')))
      sorted = await scanForRuns(job, inputs, pass, scanned, options);
    const { runs } = sorted;
    const { signal } = options;
    let { state } = scanned;
    if (order === 'none') {
      state = aggregation.zero();
      for await (const batch of mergedEvents(runs, pass, logs, signal))
        aggregation.add(state, batch);
    }
    const result = aggregation.finish(state);
    const { counted, filtered } = report.counts(result);
    // Who may have to see the events once more, in order, does not see those that are left out.
    const leftOut = isOrdered ? scanned.others : 0;
    const books = booksOf(scanned, { counted, filtered: filtered + leftOut }, unread);
    const events =
      runs.length > 0
        ? mergedEvents(runs, pass, logs, signal)
        : decodedEvents(job, inputs, options);
    const behind = report.windowedBehind?.(result);
    const table = {
      ...(await report.table(result, { books, events, inOrder: order === 'total' })),
      ...(behind && {
        ...behind.head,
        rows: (await import('../follow/run-windows.ts')).sortedWindows(behind, events, signal).rows,
        total: undefined,
      }),
    };
    const notes = [...table.notes, ...unreadNotes(unread), ...scanned.stopped.map(stopNote)];
    await use({ ...table, notes });
  } finally {
    closeSpillFiles(sorted.spills);
  }
}

/** Makes a windowed report of what is in a store: of its events in order of time, none of which is late. */
async function useSorted(
  { job, inputs, fields }: Pick<Report<never>, 'job' | 'inputs' | 'fields'>,
  windowed: WindowedReport,
  options: ScanOptions,
  use: (table: Table) => Promise<void>,
): Promise<void> {
  const { signal } = options;
  const pass: Pass = {
    aggregate: false,
    runs: windowed.needsAll ? 'all' : 'range',
    places: false,
    fields,
    rejects: options.rejects !== undefined,
  };
  const scanned = await scan(job, inputs, pass, options);
  try {
    const origin = await firstTime(job, inputs, options);
    const events = mergedEvents(scanned.runs, pass, undefined, signal);
    const own = { ...windowed, windows: { ...windowed.windows, origin } };
    const { sortedWindows } = await import('../follow/run-windows.ts');
    const { run, rows } = sortedWindows(own, events, signal);
    await use({
      ...windowed.head,
      rows,
      notes: [],
      get books() {
        const { counted, filtered } = run.books;
        return booksOf(scanned, { counted, filtered: filtered + scanned.others }, 0);
      },
    });
  } finally {
    closeSpillFiles(scanned.spills);
  }
}

/** Time of the first event as they stand in the inputs; undefined if there is none. */
async function firstTime(
  job: JobSpec,
  inputs: readonly Input[],
  { signal }: ScanOptions,
): Promise<number | undefined> {
  for await (const { length, time } of decodedEvents(job, inputs, { signal }))
    if (length > 0) return time[0];
  return undefined;
}

/** The balanced books of a scan whose report counted so many records and left out others. */
function booksOf(
  { read, rejected, duplicate, conflict }: Scanned,
  { counted, filtered }: { counted: number; filtered: number },
  unread: number,
): Books {
  const found = { read, counted, rejected, duplicate, conflict, late: 0, filtered };
  const books = unread > 0 ? { ...found, unread } : found;
  checkBalance(books);
  return books;
}

function bytesOf(inputs: readonly Input[]): number {
  return inputs.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
}

function stopNote({ input, at }: Scanned['stopped'][number]): Note {
  const message = `${input} was read up to byte ${at}: the range is over there`;
  return { code: 'unread', message, input, at };
}

/** Reads the inputs a second time, for their events in sorted runs. */
async function scanForRuns(
  job: JobSpec,
  inputs: readonly Input[],
  pass: Pass,
  first: Scanned,
  options: ScanOptions,
): Promise<Scanned> {
  const own: Pass = { ...pass, aggregate: false, runs: 'all', rejects: false };
  const again = await scan(job, inputs, own, { ...options, rejects: undefined });
  if (again.read === first.read) return again;
  closeSpillFiles(again.spills);
  throw new DaybookError(
    'SOURCE_UNREADABLE',
    'the input was changed while it was read; run again when it is at rest',
  );
}
