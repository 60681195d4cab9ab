import { extname } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { ConfiguredReport } from '../open/open-report.ts';
import { writers } from '../writers/index.ts';
import { say } from './message.ts';
import type { TableOptions } from './options.ts';
import { checkFolders, refuseTerminal, write } from './print-report.ts';
import type { Progress } from './progress.ts';

/**
 * Writes a report of a configuration to a file or standard output, instead of to where it goes.
 *
 * @throws DaybookError
 */
export async function printConfigured(
  { open, asOf, format, settings, spreadsheetSafe }: ConfiguredReport,
  options: TableOptions & { readonly dryRun?: true },
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress | undefined },
): Promise<void> {
  if (options.dryRun)
    throw new DaybookError('USAGE', '--dry-run is for a report that goes to a destination');
  const output = options.output === '-' ? undefined : options.output;
  const extension = extname(output ?? '').slice(1);
  const isNamed = options.format === undefined && settings.format === undefined;
  const byName = isNamed && Object.hasOwn(writers, extension);
  const how: TableOptions = {
    format: byName ? (extension as keyof typeof writers) : format,
    ...(output !== undefined && { output }),
    ...(spreadsheetSafe && { spreadsheetSafe }),
  };
  refuseTerminal(how);
  checkFolders(how);
  const opened = await open({ asOf, signal });
  try {
    await write(opened.table, how, { signal, progress });
    progress?.stop();
    for (const { message } of opened.table.notes) say(message);
  } finally {
    await opened.close();
  }
}
