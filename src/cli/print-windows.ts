import { dirname, matchesGlob, resolve } from 'node:path';
import { checkpointPath, type Followed, openFollow } from '../config/open-follow.ts';
import type { Books } from '../core/books.ts';
import { DaybookError } from '../core/errors.ts';
import { loadJob } from '../core/job.ts';
import type { WindowedReport } from '../core/windowed-report.ts';
import { growingFile } from '../destinations/growing-file.ts';
import { Checkpoint, type Resumed } from '../pipeline/checkpoint.ts';
import { Follower } from '../pipeline/follow.ts';
import { publish, publishRest } from '../pipeline/publish.ts';
import { lateNotes } from '../pipeline/run-windows.ts';
import { GrowingRejects } from './growing-rejects.ts';
import { Interruption } from './interruption.ts';
import { say } from './message.ts';
import type { OutputOptions, ReportOptions } from './options.ts';
import { checkFolders, checkLimit, formatOf, tell } from './print-report.ts';
import { stopAtFirst } from './reject-file.ts';
import { isWatched, openPrinter, type WindowPrinter } from './window-printer.ts';

/**
 * Follows inputs and prints their windows until it is told to stop, or the input ends.
 *
 * @throws DaybookError
 */
export async function printWindows(
  report: WindowedReport,
  files: readonly string[],
  options: ReportOptions,
): Promise<void> {
  refuseOneObject(options);
  checkFolders(options);
  const checkpoint = checkpointOf(files, options);
  refuseFollowing(files, [options.output, options.rejects, checkpoint?.path]);
  const key = keyOf(report, files, options);
  await using _lock = await checkpoint?.lock();
  const resumed = await resumedFrom(checkpoint, key);
  using interruption = new Interruption();
  const interrupt = () => interruption.abort();
  process.stdout.once('error', interrupt);
  const note = options.quiet ? () => {} : say;
  const { source, idleMs } = await openFollow(
    // What is new since a checkpoint is wanted whole.
    { ...options, files, ...(resumed && { readFrom: 'start' }) },
    resumed?.marks ?? [],
    note,
  );
  try {
    const { signal } = interruption;
    const following = { source, idleMs, checkpoint, key, resumed, signal, note };
    const { books, rejectFile } = await publishWindows(report, files, options, following);
    const table = { ...report.head, rows: [], notes: lateNotes(books), books };
    if (!options.quiet) tell(table, options, rejectFile?.unlisted);
    rejectFile?.check(checkpoint !== undefined);
    checkLimit(books, options.maxRejects);
  } finally {
    await source.close();
    process.stdout.off('error', interrupt);
  }
}

/** What is followed, and from where on. */
interface Following extends Followed {
  readonly checkpoint: Checkpoint | undefined;
  readonly key: string;
  readonly resumed: Resumed | undefined;
  readonly signal: AbortSignal;
  readonly note: (message: string) => void;
}

/** Opens what windows and rejects are written to, and publishes from there on. */
async function publishWindows(
  report: WindowedReport,
  files: readonly string[],
  options: ReportOptions,
  { source, idleMs, checkpoint, key, resumed, signal, note }: Following,
): Promise<{ books: Books; rejectFile: GrowingRejects | undefined }> {
  const job = await loadJob(report.job);
  const rejectFile = await openRejects(options, resumed, note);
  const rejects = options.strict ? stopAtFirst : rejectFile?.add;
  const follower = new Follower(
    report,
    job,
    source,
    {
      idleMs,
      provisional: !isWatched(options),
      keepRejects: rejects !== undefined,
      onNote: note,
      signal,
    },
    resumed?.follower,
  );
  const printed = resumed?.outputBytes ?? 0;
  const printer = await openPrinter(report, follower, files, options, printed);
  const { outlet } = printer;
  const render: WindowPrinter['render'] = (window, first) => printer.render(window, first);
  try {
    if (resumed) await publishRest(resumed, options.output !== undefined, outlet, checkpoint!);
    await publish({
      ...{ follower, source, outlet, render, rejects, checkpoint, key, signal },
      saveRejects: rejectFile && (() => rejectFile.save()),
      onNote: note,
      onStep: () => printer.draw?.(),
    });
  } finally {
    await printer.close();
    await rejectFile?.close();
  }
  return { books: follower.books, rejectFile };
}

/** The file that lists rejects, if there is to be one. */
async function openRejects(
  { rejects: path, strict, spreadsheetSafe }: OutputOptions,
  resumed: Resumed | undefined,
  onNote: (message: string) => void,
): Promise<GrowingRejects | undefined> {
  if (path === undefined || strict) return undefined;
  const outlet = await growingFile(path, resumed?.rejectBytes ?? 0);
  return new GrowingRejects(outlet, path, { spreadsheetSafe, saved: resumed?.unlisted, onNote });
}

function checkpointOf(
  files: readonly string[],
  { checkpoint }: ReportOptions,
): Checkpoint | undefined {
  return checkpoint === undefined ? undefined : new Checkpoint(checkpointPath(checkpoint, files));
}

/** Tells what is reported, of what, and where to, from everything else. */
function keyOf({ head }: WindowedReport, files: readonly string[], options: OutputOptions): string {
  return JSON.stringify({
    report: head.report,
    parameters: head.parameters,
    format: formatOf(options),
    // The same words name other files in another folder.
    paths: [...files, options.output, options.rejects].map((path) => path && resolve(path)),
  });
}

/** What the checkpoint remembers, if it remembers anything. */
async function resumedFrom(
  checkpoint: Checkpoint | undefined,
  key: string,
): Promise<Resumed | undefined> {
  const resumed = await checkpoint?.load();
  if (resumed === undefined || resumed.key === key) return resumed;
  throw new DaybookError(
    'USAGE',
    `${checkpoint!.path} is the checkpoint of something else; name another, or remove it to begin anew`,
  );
}

/** Formats that are whole or absent cannot be written of what never ends. */
function refuseOneObject(options: OutputOptions): void {
  const format = formatOf(options);
  if (format === 'json') {
    throw new DaybookError(
      'USAGE',
      'json is one object, which what is followed never ends; write --format ndjson',
    );
  }
  if (format === 'parquet') {
    throw new DaybookError(
      'USAGE',
      'a parquet file is whole or absent, and what is followed is never whole; write --format ndjson',
    );
  }
}

/** What is written must not be taken for what is to be read, nor be two things. */
function refuseFollowing(files: readonly string[], paths: readonly (string | undefined)[]): void {
  const targets = new Set<string>();
  for (const path of paths.filter((path) => path !== undefined)) {
    const target = resolve(path);
    if (targets.has(target))
      throw new DaybookError('USAGE', `${path} cannot hold two things; name another file`);
    targets.add(target);
    for (const word of files.map((file) => resolve(file))) {
      if (target !== word && dirname(target) !== word && !matchesGlob(target, word)) continue;
      throw new DaybookError('USAGE', `${path} would be followed itself; write somewhere else`);
    }
  }
}
