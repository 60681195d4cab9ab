import type { Outlet } from '../core/destination.ts';
import type { WindowedReport } from '../core/windowed-report.ts';
import type { Writer } from '../core/writer.ts';
import { growingFile } from '../destinations/growing-file.ts';
import { stdoutOutlet } from '../destinations/stdout.ts';
import type { Follower } from '../pipeline/follow/follow.ts';
import type { WindowRows } from '../pipeline/follow/window-run.ts';
import { writers } from '../writers/index.ts';
import type { OutputOptions } from './options.ts';
import { formatOf } from './print-report.ts';

/** Where the reports of windows go, and how they look there. */
export interface WindowPrinter {
  readonly outlet: Outlet;
  /** A window's report as text; the first one may have a header. */
  render(window: WindowRows, first: boolean): Promise<string>;
  /** Shows what is not reported yet, where somebody looks. */
  draw?(): Promise<void>;
  close(): Promise<void>;
}

/** Whether a person looks at a terminal, and did not ask for another format. */
export function isWatched({ format, output }: OutputOptions): boolean {
  return process.stdout.isTTY && output === undefined && (format ?? 'table') === 'table';
}

/**
 * Opens what the options ask for: a terminal that is drawn, else rows one a line to standard output or a file.
 *
 * @param sizeBytes - How much was written there before, by an earlier run.
 * @throws DaybookError `DESTINATION_UNWRITABLE`
 */
export async function openPrinter(
  report: WindowedReport,
  follower: Follower,
  files: readonly string[],
  options: OutputOptions,
  sizeBytes: number,
): Promise<WindowPrinter> {
  if (isWatched(options)) {
    const { LiveView } = await import('./live-view.ts');
    return new LiveView(report, follower, files);
  }
  const { output, spreadsheetSafe = false } = options;
  const writer: Writer = writers[formatOf(options)];
  const outlet =
    output === undefined
      ? stdoutOutlet(process.stdout, sizeBytes)
      : await growingFile(output, sizeBytes);
  return {
    outlet,
    async render({ rows }, first) {
      const table = { ...report.head, rows: [rows], notes: [], books: follower.books };
      const looks = { spreadsheetSafe, color: false, header: first };
      return (await Array.fromAsync(writer.render(table, looks))).join('');
    },
    close: () => outlet.close(),
  };
}
