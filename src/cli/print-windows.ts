import { dirname, matchesGlob, resolve } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { LiveInputs } from '../core/live-source.ts';
import type { WindowedReport } from '../core/windowed-report.ts';
import { growingFile } from '../destinations/growing-file.ts';
import { checkpointPath } from '../open/open-follow.ts';
import type { Resumed } from '../pipeline/follow/checkpoint.ts';
import { publish, publishRest } from '../pipeline/follow/publish.ts';
import { lateNotes } from '../pipeline/follow/run-windows.ts';
import { type Following, startFollowing } from '../pipeline/follow/start-following.ts';
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
  inputs: LiveInputs,
  options: ReportOptions,
): Promise<void> {
  refuseOneObject(options);
  checkFolders(options);
  const { words: files } = inputs;
  const checkpoint =
    options.checkpoint === undefined ? undefined : checkpointPath(options.checkpoint);
  refuseFollowing(files, [options.output, options.rejects, checkpoint]);
  const key = keyOf(report, files, options);
  using interruption = new Interruption();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.stdout.once('error', interrupt);
  const onNote = options.quiet ? () => {} : say;
  try {
    await using following = await startFollowing(report, inputs, {
      ...{ checkpoint, key, signal, onNote },
      provisional: !isWatched(options),
      keepRejects: options.rejects !== undefined || options.strict === true,
    });
    const rejectFile = await publishWindows(report, files, options, {
      ...following,
      ...{ key, signal, onNote },
    });
    const { books } = following.follower;
    const table = { ...report.head, rows: [], notes: lateNotes(books), books };
    if (!options.quiet) tell(table, options, rejectFile?.unlisted);
    rejectFile?.check(checkpoint !== undefined);
    checkLimit(books, options.maxRejects);
  } finally {
    process.stdout.off('error', interrupt);
  }
}

/** What is followed, of what, and how it is told about. */
interface Run extends Omit<Following, typeof Symbol.asyncDispose> {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly onNote: (message: string) => void;
}

/** Opens what windows and rejects are written to, and publishes from there on. */
async function publishWindows(
  report: WindowedReport,
  files: readonly string[],
  options: ReportOptions,
  { follower, source, checkpoint, resumed, key, signal, onNote }: Run,
): Promise<GrowingRejects | undefined> {
  const rejectFile = await openRejects(options, resumed, onNote);
  const rejects = options.strict ? stopAtFirst : rejectFile?.add;
  const printed = resumed?.outputBytes ?? 0;
  const printer = await openPrinter(report, follower, files, options, printed);
  const { outlet } = printer;
  const render: WindowPrinter['render'] = (window, first) => printer.render(window, first);
  try {
    if (resumed) await publishRest(resumed, options.output !== undefined, outlet, checkpoint!);
    await publish({
      ...{ follower, source, outlet, render, rejects, checkpoint, key, signal, onNote },
      saveRejects: rejectFile && (() => rejectFile.save()),
      onStep: () => printer.draw?.(),
    });
  } finally {
    await printer.close();
    await rejectFile?.close();
  }
  return rejectFile;
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
