/**
 * Makes a report of some rows, to be killed: `node report-child.ts FOLDER SIZE`. It says when it begins; its history is in
 * `FOLDER/daybook.db`, its files in `FOLDER/out`.
 */
import { join } from 'node:path';
import { fileArchive } from '../../src/destinations/file-archive.ts';
import { makeReport } from '../../src/pipeline/runs/make-report.ts';
import { sqliteRuns } from '../../src/stores/sqlite/sqlite-runs.ts';
import { reportToMake } from './report-to-make.ts';

const [folder = '', size = '1'] = process.argv.slice(2);
const rows = Array.from({ length: Number(size) }, (_, i) => [`user${i}`, i] as const);

process.stdout.write('begun\n');
const history = sqliteRuns({ path: join(folder, 'daybook.db') });
await makeReport(reportToMake({ rows }), { history, archive: fileArchive(join(folder, 'out')) });
await history.close();
