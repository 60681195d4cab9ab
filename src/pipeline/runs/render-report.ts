import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RenderedReport } from '../../core/archive.ts';
import { DaybookError, throwIfInterrupted } from '../../core/errors.ts';
import { gathered } from '../../core/gathered.ts';
import type { Row, Table } from '../../core/table.ts';
import type { Writer } from '../../core/writer.ts';

/** How a report is to be written. */
export interface ReportFormat {
  readonly writer: Writer;
  readonly spreadsheetSafe: boolean;
}

/** What a report comes to. */
export interface MeasuredReport {
  readonly rows: number;
  readonly sizeBytes: number;
  /** SHA-256 of its bytes in hex. */
  readonly digest: string;
}

/** A report in a temporary file, which goes when this is disposed of. */
export interface TemporaryReport extends RenderedReport, AsyncDisposable {
  readonly rows: number;
}

/**
 * Renders a table, and leaves no trace of it.
 *
 * @param take - Is handed its bytes, piece by piece, and waited for.
 * @throws DaybookError `INTERRUPTED`, or what the rows or `take` throw.
 */
export async function measureReport(
  table: Table,
  { writer, spreadsheetSafe }: ReportFormat,
  {
    signal,
    take,
  }: {
    readonly signal: AbortSignal | undefined;
    readonly take?: (bytes: Uint8Array) => Promise<void>;
  },
): Promise<MeasuredReport> {
  const hash = createHash('sha256');
  let [rows, sizeBytes] = [0, 0];
  const counted = countedRows(table, (count) => {
    rows += count;
  });
  const pieces = writer.render(counted, { spreadsheetSafe, color: false });
  for await (const bytes of gathered(pieces)) {
    throwIfInterrupted(signal);
    hash.update(bytes);
    sizeBytes += bytes.length;
    await take?.(bytes);
  }
  throwIfInterrupted(signal);
  return { rows, sizeBytes, digest: hash.digest('hex') };
}

/**
 * Writes a table to a temporary file that nobody else can read, and takes its digest.
 *
 * @param run - Id of the run, after which the file is called.
 * @throws DaybookError `SPILL_FAILED`, `INTERRUPTED`, or what the rows throw; then there is no file.
 */
export async function renderReport(
  table: Table,
  format: ReportFormat,
  { run, signal }: { readonly run: string; readonly signal: AbortSignal | undefined },
): Promise<TemporaryReport> {
  const path = pathOf(run);
  const fail = (cause: Error): never => {
    const message = `cannot put the report aside in ${tmpdir()} (${cause.message}); make room or set TMPDIR to another folder`;
    throw new DaybookError('SPILL_FAILED', message, { cause, isTransient: true });
  };
  const handle = await open(path, 'wx', 0o600).catch(fail);
  let measured: MeasuredReport;
  try {
    const take = (bytes: Uint8Array) => handle.writeFile(bytes).catch(fail);
    measured = await measureReport(table, format, { signal, take });
    await handle.close().catch(fail);
  } catch (error) {
    await handle.close().catch(() => {});
    await removeRendered(run);
    throw error;
  }
  return {
    ...{ ...measured, path, mediaType: format.writer.mediaType },
    [Symbol.asyncDispose]: () => removeRendered(run),
  };
}

/** Removes what a run has rendered, if it is there. */
export async function removeRendered(run: string): Promise<void> {
  await rm(pathOf(run), { force: true });
}

function pathOf(run: string): string {
  return join(tmpdir(), `daybook-${run}.report`);
}

/** A table that tells of each portion of rows that is taken from it how many they are. */
export function countedRows(table: Table, count: (rows: number) => void): Table {
  async function* rows(): AsyncGenerator<readonly Row[]> {
    for await (const portion of table.rows) {
      count(portion.length);
      yield portion;
    }
  }
  const { report, parameters, columns, total, zone } = table;
  return {
    ...{ report, parameters, columns, total, zone, rows: rows() },
    // Final when the rows were read, so not to be looked at before.
    get notes() {
      return table.notes;
    },
    get books() {
      return table.books;
    },
  };
}
