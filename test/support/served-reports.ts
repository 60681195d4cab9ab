import { createHash } from 'node:crypto';
import { SILENT } from '../../src/core/log.ts';
import { ReportRuns } from '../../src/server/report-runs.ts';
import { memoryArchive } from './memory-archive.ts';
import { memoryRuns } from './memory-runs.ts';
import { reportToMake } from './report-to-make.ts';
import { runLike } from './run-history-suite.ts';

/** The id of a run that `servedReports` has made. */
export const SERVED_RUN = '01953e2a-7c00-7000-8000-000000000001';

const [KEY, CONTENT] = ['made.csv', 'name,sessions\r\n'];

/** The report `daily`, of which a run was made, and which can be made, all in memory. */
export async function servedReports(): Promise<ReportRuns> {
  const history = memoryRuns();
  const objects = new Map([[KEY, CONTENT]]);
  const archive = () => memoryArchive({ objects, drafts: new Set() });
  const digest = createHash('sha256').update(CONTENT).digest('hex');
  const made = { state: 'done', key: KEY, digest, destination: archive().locationOf(KEY) } as const;
  await history.begin(runLike({ id: SERVED_RUN, report: 'daily', ...made }));
  return new ReportRuns({
    ...{ history, reports: new Map([['daily', undefined]]), log: SILENT },
    open: async (report, { asOf = '2026-03-01', overwrite = false }) => ({
      ...reportToMake({ report, asOf, overwrite }),
      archive: archive(),
    }),
  });
}
