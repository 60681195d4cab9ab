import { accessSync, constants, fstatSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { type Books, describeBooks, describeRejects, rejectedTotal } from '../core/books.ts';
import { DaybookError } from '../core/errors.ts';
import type { RejectSink } from '../core/rejects.ts';
import type { Report } from '../core/report.ts';
import type { Table } from '../core/table.ts';
import type { Piece } from '../core/writer.ts';
import { destinations } from '../destinations/index.ts';
import { runReport } from '../pipeline/batch/run-report.ts';
import { writers } from '../writers/index.ts';
import { Interruption } from './interruption.ts';
import { say } from './message.ts';
import type { OutputOptions, RejectLimit, StoreOptions, TableOptions } from './options.ts';
import { type Progress, progressOf } from './progress.ts';
import { openRejectFile, stopAtFirst } from './reject-file.ts';

/**
 * Runs a report, writes it where the options say, and tells on standard error what is to be told.
 *
 * @throws DaybookError Also `TOO_MANY_REJECTS`, when the report is out.
 */
export async function printReport<Result>(
  report: Report<Result>,
  options: OutputOptions & StoreOptions,
): Promise<void> {
  refuseOverwriting(report, options);
  refuseTerminal(options);
  checkFolders(options);
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; nothing was written'),
  );
  const { signal } = interruption;
  const progress = progressOf(report.inputs, options);
  const rejectFile =
    options.rejects === undefined || options.strict
      ? undefined
      : openRejectFile(options.rejects, options);
  let listed = 0;
  const counted: RejectSink = (some) => {
    for (const { reason } of some) if (reason !== 'conflict') listed++;
    return rejectFile!.sink(some);
  };
  const rejects = options.strict ? stopAtFirst : rejectFile && counted;
  let made: Table | undefined;
  try {
    const { threads } = options;
    await runReport(
      report,
      { threads, signal, rejects, onProgress: progress?.update },
      async (table) => {
        made = table;
        await write(table, options, { signal, progress });
        progress?.stop();
        // Of many, a store keeps the first ones.
        const unlisted = rejectFile ? rejectedTotal(table.books) - listed : 0;
        if (!options.quiet) tell(table, options, unlisted);
      },
    );
    await rejectFile?.finish();
  } catch (error) {
    await rejectFile?.discard();
    throw error;
  } finally {
    progress?.stop();
  }
  if (made) checkLimit(made.books, options.maxRejects);
}

/** Writes a table where the options say. */
export async function write(
  table: Table,
  options: TableOptions,
  { signal, progress }: { signal: AbortSignal; progress: Progress | undefined },
): Promise<void> {
  const { output, spreadsheetSafe = false } = options;
  const color = output === undefined && process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const pieces = writers[formatOf(options)].render(table, { spreadsheetSafe, color });
  const destination = output === undefined ? destinations.stdout() : destinations.file(output);
  // Windows are written as they are found: their reading goes on, but nothing is drawn among them.
  const target =
    output === undefined
      ? fstatSync(process.stdout.fd)
      : statSync(output, { throwIfNoEntry: false });
  const begin = target?.isFile() === false ? progress?.stop : undefined;
  await destination.write(stoppable(pieces, signal, begin));
}

/** The format that was asked for, else that of the output's name, else text. */
export function formatOf({ format, output = '' }: TableOptions): keyof typeof writers {
  const extension = extname(output).slice(1);
  return (
    format ?? (Object.hasOwn(writers, extension) ? (extension as keyof typeof writers) : 'text')
  );
}

async function* stoppable(
  pieces: AsyncIterable<Piece>,
  signal: AbortSignal,
  onPiece: (() => void) | undefined,
): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    onPiece?.();
    yield piece;
  }
}

/**
 * Tells what is to be told of a report besides its rows.
 *
 * @param unlisted - How many rejects are missing where they should be listed.
 */
export function tell(
  { books, notes, total }: Table,
  options: OutputOptions & StoreOptions,
  unlisted = 0,
): void {
  const { verbose, rejects } = options;
  for (const { code, message } of notes) {
    const shown = code === 'total' && total !== undefined && formatOf(options) === 'table';
    if (!shown) say(message);
  }
  if (verbose) say(`books: ${describeBooks(books)}`);
  else if (rejectedTotal(books) > 0) {
    const but = unlisted > 0 ? ` but for ${unlisted}` : '';
    const where =
      rejects === undefined ? `; ${listingOf(options)} lists them` : `, listed in ${rejects}${but}`;
    say(`of ${books.read} records ${describeRejects(books)}${where}`);
  }
}

/** What lists the rejects of a report. */
function listingOf({ store, config }: StoreOptions): string {
  if (store !== undefined) return `daybook rejects --store ${store}`;
  return config !== undefined ? `daybook rejects -c ${config}` : '--rejects FILE';
}

/** Fails if there were too many rejects. */
export function checkLimit(books: Books, limit: RejectLimit | undefined): void {
  if (limit === undefined) return;
  const { count, per } = limit;
  const rejected = BigInt(rejectedTotal(books));
  if (per === undefined ? rejected <= count : rejected * per <= count * BigInt(books.read)) return;
  throw new DaybookError(
    'TOO_MANY_REJECTS',
    `more rejects than --max-rejects ${limit.text} allows`,
  );
}

/** A report must never take the place of a log that it was made from, nor of its own rejects. */
function refuseOverwriting(
  { inputs }: Pick<Report<never>, 'inputs'>,
  { output, rejects }: OutputOptions,
): void {
  if (output !== undefined && rejects !== undefined && resolve(output) === resolve(rejects)) {
    throw new DaybookError('USAGE', `${output} cannot hold both the report and the rejects`);
  }
  for (const path of [output, rejects]) {
    const target = path === undefined ? undefined : statSync(path, { throwIfNoEntry: false });
    if (!target?.isFile()) continue;
    for (const { name, source } of inputs) {
      const input = source === 'file' ? statSync(name, { throwIfNoEntry: false }) : undefined;
      if (input?.ino === target.ino && input.dev === target.dev) {
        throw new DaybookError('USAGE', `${path} is an input; write the report somewhere else`);
      }
    }
  }
}

/** What is no text is not for people to read. */
export function refuseTerminal(options: TableOptions): void {
  if (formatOf(options) !== 'parquet' || options.output !== undefined) return;
  if (!process.stdout.isTTY) return;
  throw new DaybookError('USAGE', 'parquet is no text for a terminal; write it with -o FILE');
}

/** Says before the work that its result could not be written. */
export function checkFolders({ output, rejects }: Pick<OutputOptions, 'output' | 'rejects'>): void {
  for (const path of [output, rejects]) {
    if (path === undefined) continue;
    const present = statSync(path, { throwIfNoEntry: false });
    if (present && !present.isFile()) continue; // such as /dev/null: nothing is made in its folder
    try {
      accessSync(dirname(path), constants.W_OK);
    } catch (cause) {
      const message = `cannot write ${path}: no folder ${dirname(path)}, or no permission to write there`;
      throw new DaybookError('DESTINATION_UNWRITABLE', message, { cause });
    }
  }
}
