import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { type Books, describeBooks, rejectedTotal } from '../core/books.ts';
import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { Table } from '../core/table.ts';
import { destinations } from '../destinations/index.ts';
import { runReport } from '../pipeline/run-report.ts';
import { writers } from '../writers/index.ts';
import type { OutputOptions, RejectLimit } from './options.ts';
import { progressOf } from './progress.ts';
import { openRejectFile, stopAtFirst } from './reject-file.ts';

/**
 * Runs a report, writes it where the options say, and tells on standard error what is to be told.
 *
 * @throws DaybookError Also `TOO_MANY_REJECTS`, when the report is out.
 */
export async function printReport<Result>(
  report: Report<Result>,
  options: OutputOptions,
): Promise<void> {
  refuseOverwriting(report, options);
  const interruption = new AbortController();
  const interrupt = () =>
    interruption.abort(new DaybookError('INTERRUPTED', 'interrupted; nothing was written'));
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const { signal } = interruption;
  const progress = progressOf(report.inputs, options);
  const rejectFile =
    options.rejects === undefined ? undefined : openRejectFile(options.rejects, options);
  const rejects = options.strict ? stopAtFirst : rejectFile?.sink;
  let books: Books | undefined;
  try {
    const { threads } = options;
    await runReport(
      report,
      { threads, signal, rejects, onProgress: progress?.update },
      async (table) => {
        progress?.stop();
        books = table.books;
        await write(table, options, signal);
        if (!options.quiet) tell(table, options);
      },
    );
    await rejectFile?.finish();
  } catch (error) {
    await rejectFile?.discard();
    throw error;
  } finally {
    progress?.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  if (books) checkLimit(books, options.maxRejects);
}

async function write(table: Table, options: OutputOptions, signal: AbortSignal): Promise<void> {
  const { output, spreadsheetSafe = false } = options;
  const color = output === undefined && process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const pieces = writers[formatOf(options)].render(table, { spreadsheetSafe, color });
  const destination = output === undefined ? destinations.stdout() : destinations.file(output);
  await destination.write(stoppable(pieces, signal));
}

/** The format that was asked for, else that of the output's name, else text. */
function formatOf({ format, output = '' }: OutputOptions): keyof typeof writers {
  const extension = extname(output).slice(1);
  return (
    format ?? (Object.hasOwn(writers, extension) ? (extension as keyof typeof writers) : 'text')
  );
}

async function* stoppable(
  pieces: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    yield piece;
  }
}

function tell({ books, notes }: Table, { verbose, rejects }: OutputOptions): void {
  for (const { message } of notes) process.stderr.write(`daybook: ${message}\n`);
  if (verbose) process.stderr.write(`daybook: books: ${describeBooks(books)}\n`);
  else if (rejectedTotal(books) > 0) {
    const where = rejects === undefined ? '; --rejects FILE lists them' : `, listed in ${rejects}`;
    process.stderr.write(`daybook: ${describeRejects(books)}${where}\n`);
  }
}

function describeRejects(books: Books): string {
  const reasons = Object.entries(books.rejected).map(([reason, count]) => `${reason} ${count}`);
  return `${rejectedTotal(books)} of ${books.read} records rejected (${reasons.join(', ')})`;
}

function checkLimit(books: Books, limit: RejectLimit | undefined): void {
  if (limit === undefined) return;
  const allowed = limit.count ?? limit.share! * books.read;
  if (rejectedTotal(books) <= allowed) return;
  throw new DaybookError(
    'TOO_MANY_REJECTS',
    `${describeRejects(books)}, more than --max-rejects ${limit.text}`,
  );
}

/** A report must never take the place of a log that it was made from. */
function refuseOverwriting({ inputs }: Report<never>, { output, rejects }: OutputOptions): void {
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
