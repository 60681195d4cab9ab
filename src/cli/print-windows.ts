import { dirname, matchesGlob, resolve } from 'node:path';
import { checkpointPath } from '../config/open-follow.ts';
import type { Outlet } from '../core/destination.ts';
import { DaybookError } from '../core/errors.ts';
import type { LiveInputs } from '../core/live-source.ts';
import type { WindowedReport } from '../core/windowed-report.ts';
import { growingFile } from '../destinations/growing-file.ts';
import { stdoutOutlet } from '../destinations/stdout.ts';
import type { Resumed } from '../pipeline/checkpoint.ts';
import { publish, publishRest } from '../pipeline/publish.ts';
import { lateNotes } from '../pipeline/run-windows.ts';
import { startFollowing } from '../pipeline/start-following.ts';
import type { WindowRows } from '../pipeline/window-run.ts';
import { writers } from '../writers/index.ts';
import { Interruption } from './interruption.ts';
import { LiveView } from './live-view.ts';
import { say } from './message.ts';
import type { OutputOptions, ReportOptions } from './options.ts';
import { checkFolders, checkLimit, formatOf, tell } from './print-report.ts';
import { appendRejects, stopAtFirst } from './reject-file.ts';

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
  const { words: files } = inputs;
  const format = formatOf(options);
  if (format === 'json') {
    throw new DaybookError(
      'USAGE',
      'json is one object, which what is followed never ends; write --format ndjson',
    );
  }
  checkFolders(options);
  const paths = {
    output: options.output,
    rejects: options.rejects,
    checkpoint: options.checkpoint === undefined ? undefined : checkpointPath(options.checkpoint),
  };
  refuseFollowing(files, paths);
  const { head } = report;
  const key = JSON.stringify({
    report: head.report,
    parameters: head.parameters,
    format,
    // The same words name other files in another folder.
    paths: [...files, options.output, options.rejects].map((path) => path && resolve(path)),
  });
  using interruption = new Interruption();
  const { signal } = interruption;
  const interrupt = () => interruption.abort();
  process.stdout.once('error', interrupt);
  const note = options.quiet ? () => {} : say;
  await using following = await startFollowing(report, inputs, {
    checkpoint: paths.checkpoint,
    key,
    provisional: !LiveView.isWanted(options),
    keepRejects: options.rejects !== undefined || options.strict === true,
    onNote: note,
    signal,
  });
  const { follower, source, checkpoint, resumed } = following;
  try {
    const rejectOutlet =
      options.rejects === undefined || options.strict
        ? undefined
        : await growingFile(options.rejects, resumed?.rejectBytes ?? 0);
    const rejects = options.strict
      ? stopAtFirst
      : rejectOutlet && appendRejects(rejectOutlet, options.rejects!, options);
    const live = LiveView.isWanted(options) ? new LiveView(report, follower, files) : undefined;
    const outlet = live?.outlet ?? (await outletOf(options, resumed));
    const { spreadsheetSafe = false } = options;
    const render = async (window: WindowRows, first: boolean) => {
      if (live) return live.render(window);
      const table = { ...head, rows: [window.rows], notes: [], books: follower.books };
      const looks = { spreadsheetSafe, color: false, header: first };
      return (await Array.fromAsync(writers[format].render(table, looks))).join('');
    };
    const onStep = live && (() => live.draw());
    try {
      if (resumed) await publishRest(resumed, options.output !== undefined, outlet, checkpoint!);
      await publish({
        ...{ follower, source, outlet, render, rejects, rejectOutlet, checkpoint, key, signal },
        onNote: note,
        onStep,
      });
    } finally {
      live?.close();
      await rejectOutlet?.close();
      await outlet.close();
    }
    const { books } = follower;
    const table = { ...head, rows: [], notes: lateNotes(books), books };
    if (!options.quiet) tell(table, options);
    checkLimit(books, options.maxRejects);
  } finally {
    process.stdout.off('error', interrupt);
  }
}

/** What is written must not be taken for what is to be read, nor be two things. */
function refuseFollowing(
  files: readonly string[],
  paths: Readonly<Record<string, string | undefined>>,
): void {
  const targets = new Set<string>();
  for (const path of Object.values(paths).filter((path) => path !== undefined)) {
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

async function outletOf({ output }: OutputOptions, resumed: Resumed | undefined): Promise<Outlet> {
  const sizeBytes = resumed?.outputBytes ?? 0;
  return output === undefined
    ? stdoutOutlet(process.stdout, sizeBytes)
    : growingFile(output, sizeBytes);
}
