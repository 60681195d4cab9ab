import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { loadJob } from '../../../src/core/job.ts';
import { openBill } from '../../../src/open/open-bill.ts';
import type { Pass } from '../../../src/pipeline/batch/lane.ts';
import { workerLane } from '../../../src/pipeline/batch/lanes.ts';
import { scan } from '../../../src/pipeline/batch/scan.ts';
import { SegmentQueue } from '../../../src/pipeline/batch/segment-queue.ts';
import { segmentsOf } from '../../../src/pipeline/read/segment.ts';
import { filesOf } from '../../support/bill.ts';

const PASS: Pass = { aggregate: true, runs: 'none', places: false, fields: [], rejects: false };

describe('a lane in a thread of its own', () => {
  test('fails where what it brought cannot be loaded', async () => {
    using files = filesOf({ 'app.log': '14:02:03 ALICE99 Start\n' });
    const { job, inputs } = await openBill({ files: files.paths });
    const segments = segmentsOf(inputs, { lanes: 1, sequential: false });
    const { aggregation } = await loadJob(job);
    const load = () => {
      throw new RangeError('no room');
    };
    const progress = new SharedArrayBuffer(8);
    for (const way of ['queue', 'segment']) {
      const events = { onRejects: async () => {} };
      const lane = workerLane(job, { ...aggregation, load }, PASS, events, progress, 0);
      const work =
        way === 'queue'
          ? lane.drain(SegmentQueue.of(segments, 1), async () => {})
          : lane.run(segments[0]!).then(() => lane.take());
      await assert.rejects(work, /no room/);
      await lane.close();
    }
  });

  test('has ended before the files are closed to which it writes', async (context) => {
    const half = '14:02:03 ALICE99 Start\n'.repeat(5000);
    using files = filesOf({ 'app.log': `no time\n${half}${half}no time\n` });
    const { job, inputs } = await openBill({ files: files.paths });
    const happened = order(context);
    const isInWorker = Promise.withResolvers<void>();
    let calls = 0;
    const scanned = scan(
      job,
      inputs,
      { ...PASS, runs: 'all', rejects: true },
      {
        threads: 2,
        segmentBytes: half.length + 10,
        // The first reject is of this thread, which then waits; the other one of the worker, when this one is done.
        rejects: async () => {
          if (calls++ === 0) return isInWorker.promise;
          await delay(100);
          throw new Error('the sink is full');
        },
        onProgress: (bytes) => bytes > 1.5 * half.length && isInWorker.resolve(),
      },
    );
    await assert.rejects(scanned, /the sink is full/);
    assert.deepEqual(happened, ['a worker ended', 'a file was closed', 'a file was closed']);
  });
});

/** In which order workers end and spill files are closed from now on. */
function order(context: TestContext): string[] {
  const happened: string[] = [];
  const { openSync, closeSync } = fs;
  const spills = new Set<number>();
  context.mock.method(fs, 'openSync', (...words: Parameters<typeof openSync>) => {
    const descriptor = openSync(...words);
    if (String(words[0]).endsWith('.runs')) spills.add(descriptor);
    return descriptor;
  });
  context.mock.method(fs, 'closeSync', (descriptor: number) => {
    if (spills.delete(descriptor)) happened.push('a file was closed');
    closeSync(descriptor);
  });
  syncBuiltinESMExports();
  const onWorker = (message: unknown) => {
    (message as { worker: Worker }).worker.on('exit', () => happened.push('a worker ended'));
  };
  subscribe('worker_threads', onWorker);
  context.after(() => {
    unsubscribe('worker_threads', onWorker);
    context.mock.restoreAll();
    syncBuiltinESMExports();
  });
  return happened;
}
