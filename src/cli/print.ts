import { DaybookError } from '../core/errors.ts';
import type { Report } from '../core/report.ts';
import type { ReportOptions } from './options.ts';

/** Options that say how to follow inputs, as users write them. */
const LIVE_OPTIONS = {
  idle: '--idle',
  readFrom: '--read-from',
  done: '--done',
  checkpoint: '--checkpoint',
} as const;

/**
 * Prints a report of what there is, or window by window of what comes.
 *
 * @throws DaybookError
 */
export async function print<Result>(report: Report<Result>, options: ReportOptions): Promise<void> {
  if (report.live && report.windowed) {
    const { printWindows } = await import('./print-windows.ts');
    return printWindows(report.windowed, report.live, options);
  }
  for (const [option, word] of Object.entries(LIVE_OPTIONS))
    if (options[option as keyof typeof LIVE_OPTIONS] !== undefined)
      throw new DaybookError('USAGE', `${word} is for inputs that grow; add --follow`);
  const { printReport } = await import('./print-report.ts');
  await printReport(report, options);
}
