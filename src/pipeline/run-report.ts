import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Aggregation } from '../core/aggregation.ts';
import { type Books, checkBalance } from '../core/books.ts';
import { DaybookError, throwIfInterrupted } from '../core/errors.ts';
import { EventBatch } from '../core/event-batch.ts';
import { type JobSpec, loadJob } from '../core/job.ts';
import type { Report } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Note, Table } from '../core/table.ts';
import { decodeSegment, SegmentTally } from './decode-segment.ts';
import { finishedInputs } from './finished-inputs.ts';
import { mergeRuns, type SegmentRuns } from './merge-runs.ts';
import { BUFFER_BYTES } from './record-buffer.ts';
import { unreadNotes, windowRowsOf, windowTable } from './run-windows.ts';
import { type Scanned, type ScanOptions, scan } from './scan.ts';
import { segmentsOf } from './segment.ts';
import { shortenInputs } from './shorten-inputs.ts';
import { closeSpillFiles } from './spill-file.ts';

/** How often to let signals through while events are merged. */
const BATCHES_PER_TURN = 16;

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
  const { job, needsEvents, readUntil = Number.POSITIVE_INFINITY } = report;
  const opened = await loadJob(job);
  const aggregation = opened.aggregation as Aggregation<unknown, Result>;
  const limited = Number.isFinite(readUntil);
  const inputs = limited ? await shortenInputs(report.inputs, opened, readUntil) : report.inputs;
  const unread = bytesOf(report.inputs) - bytesOf(inputs);
  if (report.windowed !== undefined) {
    if (inputs.length === 0)
      throw new DaybookError(
        'USAGE',
        'what is followed has no end; leave out `follow` for a report',
      );
    const source = finishedInputs(opened.sources, inputs, options);
    try {
      return await use(await windowTable(report.windowed, source, { ...options, unread }));
    } finally {
      await source.close();
    }
  }
  const replayable = inputs.every((input) => input.replayable);
  const pass = {
    aggregate: true,
    runs: !replayable,
    places: needsEvents,
    rejects: options.rejects !== undefined,
    readUntil: limited ? readUntil : undefined,
  };
  const scanned = await scan(job, inputs, pass, options);
  let sorted = scanned;
  try {
    const order = aggregation.order?.(scanned.state) ?? 'total';
    if (replayable && (order === 'none' || (needsEvents && order === 'enough'))) {
      sorted = await scanForRuns({ ...report, inputs }, scanned, options);
    }
    const { runs } = sorted;
    const { signal } = options;
    let { state } = scanned;
    if (order === 'none') {
      state = aggregation.zero();
      for await (const batch of mergedEvents(runs, needsEvents, signal))
        aggregation.add(state, batch);
    }
    const result = aggregation.finish(state);
    const books = booksOf(scanned, report.counts(result), unread);
    const events =
      runs.length > 0
        ? mergedEvents(runs, needsEvents, signal)
        : decodedEvents(job, inputs, options);
    const windowed = report.windowedBehind?.(result);
    const table = {
      ...(await report.table(result, { books, events, inOrder: order === 'total' })),
      ...(windowed && {
        ...windowed.head,
        rows: windowRowsOf(windowed, events, signal),
        total: undefined,
      }),
    };
    const notes = [...table.notes, ...unreadNotes(unread), ...scanned.stopped.map(stopNote)];
    await use({ ...table, notes });
  } finally {
    closeSpillFiles(sorted.spills);
  }
}

/** The balanced books of a scan whose report counted so many records and left out others. */
function booksOf(
  { read, rejected }: Scanned,
  { counted, filtered }: { counted: number; filtered: number },
  unread: number,
): Books {
  const found = { read, counted, rejected, duplicate: 0, conflict: 0, late: 0, filtered };
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
  { job, inputs, needsEvents }: Report<never>,
  first: Scanned,
  options: ScanOptions,
): Promise<Scanned> {
  const pass = { aggregate: false, runs: true, places: needsEvents, rejects: false };
  const again = await scan(job, inputs, pass, { ...options, rejects: undefined });
  if (again.read === first.read) return again;
  closeSpillFiles(again.spills);
  throw new DaybookError(
    'SOURCE_UNREADABLE',
    'the input was changed while it was read; run again when it is at rest',
  );
}

/** The events of runs in order of time. Signals get through. */
async function* mergedEvents(
  runs: readonly SegmentRuns[],
  places: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<EventBatch> {
  let batches = 0;
  for (const batch of mergeRuns(runs, places)) {
    batches++;
    if (batches % BATCHES_PER_TURN === 0) await eventLoopTurn();
    throwIfInterrupted(signal);
    yield batch;
  }
}

/** The events of all inputs as they stand there, with their places. */
async function* decodedEvents(
  spec: JobSpec,
  inputs: readonly Input[],
  { onProgress, signal }: Pick<ScanOptions, 'onProgress' | 'signal'>,
): AsyncGenerator<EventBatch> {
  const { decoder, sources } = await loadJob(spec);
  const batch = new EventBatch();
  const buffer = decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
  let before = 0;
  for (const segment of segmentsOf(inputs, { lanes: 1, sequential: true })) {
    const reader = sources[segment.input.source]!.open(segment.input, 0);
    try {
      const tally = new SegmentTally();
      yield* decodeSegment(segment, reader, {
        decoder,
        buffer,
        batch,
        tally,
        onRead: () => onProgress?.(before + reader.consumedBytes),
        keepRejects: false,
        signal,
      });
      before += reader.consumedBytes;
    } finally {
      reader.close();
    }
  }
}
