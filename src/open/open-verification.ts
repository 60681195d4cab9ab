import type { Configuration } from '../config/configuration.ts';
import { DaybookError } from '../core/errors.ts';
import type { Run } from '../core/run-history.ts';
import { writers } from '../writers/index.ts';
import { runNamed, withHistory } from './look-at-runs.ts';
import { type ConfiguredReport, openReport } from './open-report.ts';

/** A run to verify, and its report as it is configured now; disposing of it closes where the report goes to. */
export interface OpenedVerification extends AsyncDisposable {
  readonly run: Run;
  readonly asked: ConfiguredReport;
}

/**
 * Finds a run, and makes its report ready as it was asked for then.
 *
 * @throws DaybookError `USAGE` - There is no such run or report, or the run has written none.
 */
export async function openVerification(
  configuration: Configuration,
  id: string,
): Promise<OpenedVerification> {
  const run = await withHistory(configuration, (history) => runNamed(history, id));
  const { report, state, digest, asOf, parameters } = run;
  if (digest === undefined || (state !== 'done' && state !== 'unchanged'))
    throw new DaybookError('USAGE', `run ${run.id} is ${state}: it has no report to verify`);
  if (!configuration.reports.has(report))
    throw new DaybookError('USAGE', `the configuration has no report ${report} any more`);
  const { format, spreadsheetSafe } = parameters;
  const asked = await openReport(configuration, report, {
    asOf,
    ...(isFormat(format) && { format }),
    spreadsheetSafe: spreadsheetSafe === true,
  });
  return { run, asked, [Symbol.asyncDispose]: async () => asked.archive?.close() };
}

function isFormat(word: unknown): word is keyof typeof writers {
  return typeof word === 'string' && Object.hasOwn(writers, word);
}
