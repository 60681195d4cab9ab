import { filledKey } from '../../core/key-template.ts';
import { runId } from '../../core/run-id.ts';
import type { Note } from '../../core/table.ts';
import type { ReportToMake } from './make-report.ts';
import { measureReport } from './render-report.ts';
import type { RunPlaces } from './settle-runs.ts';

/** What would become of a report. */
export interface Trial {
  readonly outcome: 'write' | 'overwrite' | 'unchanged' | 'refuse';
  readonly destination: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly notes: readonly Note[];
}

/**
 * Makes a report and looks where it would go to; writes and enters nothing.
 *
 * @throws DaybookError What making it fails with.
 */
export async function tryReport(
  asked: ReportToMake,
  { archive }: Pick<RunPlaces, 'archive'>,
  signal?: AbortSignal,
): Promise<Trial> {
  const { report, asOf, overwrite } = asked;
  const run = runId();
  const key = filledKey(asked.keyTemplate, { report, asOf, run });
  const opened = await asked.open({ asOf, ...(signal && { signal }) });
  try {
    const { rows, sizeBytes, digest } = await measureReport(opened.table, asked, { signal });
    const found = await archive.find(key, { signal });
    const isOther = found !== undefined && found.digest !== digest;
    const outcome = found === undefined ? 'write' : isOther ? 'other' : 'unchanged';
    const { notes } = opened.table;
    return {
      ...{ rows, sizeBytes, notes, destination: archive.locationOf(key) },
      outcome: outcome !== 'other' ? outcome : overwrite ? 'overwrite' : 'refuse',
    };
  } finally {
    await opened.close().catch(() => {});
  }
}
