import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { SegmentQueue } from '../../../src/pipeline/batch/segment-queue.ts';
import type { Segment } from '../../../src/pipeline/read/segment.ts';

const MODULE = new URL('../../../src/pipeline/batch/segment-queue.ts', import.meta.url);

describe('SegmentQueue', () => {
  test('hands out each segment once, in whatever order lanes ask', () => {
    const lanes = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.nat(40), lanes, fc.array(fc.nat(4)), (count, laneCount, asking) => {
        const queue = SegmentQueue.of(segments(count), laneCount);
        const taken = new Set<number>();
        const all = [...asking, ...Array.from({ length: laneCount * (count + 1) }, (_, i) => i)];
        for (const lane of all) {
          const segment = queue.take(lane % laneCount);
          if (segment === undefined) continue;
          assert.ok(!taken.has(segment.index), 'handed out twice');
          taken.add(segment.index);
        }
        assert.equal(taken.size, count);
      }),
    );
  });

  test('has work for a lane as long as there is any', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.integer({ min: 1, max: 5 }), fc.nat(4), (count, lanes, lane) => {
        const queue = SegmentQueue.of(segments(count), lanes);
        for (let i = 0; i < count; i++) assert.ok(queue.take(lane % lanes));
        assert.equal(queue.take(lane % lanes), undefined);
      }),
    );
  });

  test('gives lanes that are equally fast one stretch each', () => {
    const queue = SegmentQueue.of(segments(12), 3);
    const taken = [0, 1, 2].map((): number[] => []);
    for (let i = 0; i < 12; i++) taken[i % 3]!.push(queue.take(i % 3)!.index);
    assert.deepEqual(taken, [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
  });

  test('gives a lane that is done the back half of the longest stretch left', () => {
    const queue = SegmentQueue.of(segments(8), 2);
    assert.equal(queue.take(1)!.index, 4);
    for (const index of [0, 1, 2, 3, 6, 7, 5]) assert.equal(queue.take(0)!.index, index);
    assert.equal(queue.take(1), undefined);
  });

  test('hands out each segment once to lanes in threads of their own', async () => {
    const queue = SegmentQueue.of(segments(20_000), 4);
    const { shared } = queue;
    const source = `const { workerData: { module, shared, lane }, parentPort } = require('node:worker_threads');
      import(module).then(({ SegmentQueue }) => {
        const queue = new SegmentQueue(shared);
        const taken = [];
        for (let next = queue.take(lane); next; next = queue.take(lane)) taken.push(next.index);
        parentPort.postMessage(taken);
      });`;
    const lanes = shared.shares.keys().map(async (lane) => {
      const workerData = { module: MODULE.href, shared, lane };
      const worker = new Worker(source, { eval: true, workerData });
      const [taken] = (await once(worker, 'message')) as [number[]];
      return taken;
    });
    const taken = (await Promise.all(lanes)).flat().sort((a, b) => a - b);
    assert.deepEqual(
      taken,
      Array.from({ length: 20_000 }, (_, index) => index),
    );
  });
});

function segments(count: number): Segment[] {
  const input = {
    name: 'app.log',
    source: 'fake',
    encoding: 'plain',
    splittable: true,
    replayable: true,
  } as const;
  return Array.from({ length: count }, (_, index) => ({
    index,
    rank: 0,
    input,
    from: index,
    to: index + 1,
  }));
}
