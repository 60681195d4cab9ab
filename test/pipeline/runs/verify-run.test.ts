import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Archive, FindOptions } from '../../../src/core/archive.ts';
import { makeReport } from '../../../src/pipeline/runs/make-report.ts';
import { tryReport } from '../../../src/pipeline/runs/try-report.ts';
import { verifyRun } from '../../../src/pipeline/runs/verify-run.ts';
import { memoryArchive } from '../../support/memory-archive.ts';
import { memoryRuns } from '../../support/memory-runs.ts';
import { reportToMake } from '../../support/report-to-make.ts';

describe('verifyRun', () => {
  test('reads the bytes that stand there, and tells a report that came out otherwise', async () => {
    const archive = memoryArchive({ objects: new Map(), drafts: new Set() });
    const asked: (FindOptions | undefined)[] = [];
    const watched: Archive = {
      ...archive,
      find(key, options) {
        asked.push(options);
        return archive.find(key, options);
      },
    };
    const run = await makeReport(reportToMake(), { history: memoryRuns(), archive });
    const same = await verifyRun(run!, reportToMake(), watched);
    assert.deepEqual([same.isSame, same.object, same.inputs], [true, 'same', []]);
    assert.deepEqual(
      asked.map((options) => options?.read),
      [true],
    );
    // The same inputs, of which the code makes something else.
    const { open } = reportToMake();
    const other = await verifyRun(
      run!,
      {
        ...reportToMake({ rows: [['BOB', 1]] }),
        open: async (request) => ({
          ...(await reportToMake({ rows: [['BOB', 1]] }).open(request)),
          inputs: (await open(request)).inputs,
        }),
      },
      watched,
    );
    assert.deepEqual([other.isSame, other.object], [false, 'same']);
    assert.deepEqual([other.asked, other.inputs], [[], []]);
  });

  test('needs no file, which could outlast it, and neither does a trial', async () => {
    const archive = memoryArchive({ objects: new Map(), drafts: new Set() });
    const run = await makeReport(reportToMake(), { history: memoryRuns(), archive });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/nowhere';
    try {
      assert.equal((await verifyRun(run!, reportToMake(), archive)).isSame, true);
      assert.equal((await tryReport(reportToMake(), { archive })).outcome, 'unchanged');
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
  });
});
