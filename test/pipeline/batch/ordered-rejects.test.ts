import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Reject } from '../../../src/core/rejects.ts';
import type { Input } from '../../../src/core/source.ts';
import { OrderedRejects } from '../../../src/pipeline/batch/ordered-rejects.ts';
import type { Segment } from '../../../src/pipeline/read/segment.ts';

describe('OrderedRejects', () => {
  test('brings rejects into the order of the log, lines counted from the start of the input', async () => {
    const written: Reject[] = [];
    const rejects = new OrderedRejects(async (portion) => void written.push(...portion));
    const [first, second, other] = segmentsOf([2, 1]);
    await rejects.push(other!, [rejectOn(4)]);
    await rejects.done(other!, other!, 5);
    await rejects.push(second!, [rejectOn(1), rejectOn(7)]);
    assert.deepEqual(written, []);
    await rejects.push(first!, [rejectOn(3)]);
    assert.deepEqual(placesOf(written), ['0:3']);
    await rejects.done(first!, first!, 10);
    await rejects.push(second!, [rejectOn(8)]);
    assert.deepEqual(placesOf(written), ['0:3', '0:11', '0:17', '0:18']);
    await rejects.done(second!, second!, 20);
    assert.deepEqual(placesOf(written), ['0:3', '0:11', '0:17', '0:18', '1:4']);
    assert.deepEqual(written[0], { input: '0', reason: 'time', line: 3, offset: 30, text: 'x' });
  });

  test('gives the same order in whatever order lanes work', async () => {
    const order = fc.array(fc.nat(), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(order, async (choices) => {
        const written: Reject[] = [];
        const rejects = new OrderedRejects(async (portion) => {
          await turn();
          written.push(...portion);
        });
        // Three steps for each segment: two pushes and the end; lanes take them in any order.
        const lanes = segmentsOf([3, 1, 2]).map((segment) => [
          () => rejects.push(segment, [rejectOn(1), rejectOn(2)]),
          () => rejects.push(segment, [rejectOn(5)]),
          () => rejects.done(segment, segment, 5),
        ]);
        const working: Promise<void>[] = [];
        for (let i = 0; lanes.length > 0; i++) {
          const lane = (choices[i] ?? 0) % lanes.length;
          working.push(lanes[lane]!.shift()!());
          if (lanes[lane]!.length === 0) lanes.splice(lane, 1);
        }
        await Promise.all(working);
        const lines = (input: number, segments: number) =>
          Array.from({ length: segments }, (_, i) =>
            [1, 2, 5].map((line) => `${input}:${5 * i + line}`),
          ).flat();
        assert.deepEqual(placesOf(written), [...lines(0, 3), ...lines(1, 1), ...lines(2, 2)]);
      }),
    );
  });

  test('takes stretches of many segments', async () => {
    const written: Reject[] = [];
    const rejects = new OrderedRejects(async (portion) => void written.push(...portion));
    const segments = segmentsOf([4, 1]);
    await rejects.push(segments[2]!, [rejectOn(5)]);
    await rejects.done(segments[2]!, segments[3]!, 8);
    await rejects.push(segments[4]!, [rejectOn(2)]);
    await rejects.push(segments[0]!, [rejectOn(3)]);
    await rejects.done(segments[0]!, segments[1]!, 10);
    await rejects.done(segments[4]!, segments[4]!, 2);
    assert.deepEqual(placesOf(written), ['0:3', '0:15', '1:2']);
  });

  test('begins anew with the lines of each input, also when it has no length', async () => {
    const written: Reject[] = [];
    const rejects = new OrderedRejects(async (portion) => void written.push(...portion));
    const to = Number.POSITIVE_INFINITY;
    for (const [index, sizeBytes] of [undefined, 100, 0].entries()) {
      const input = {
        ...inputOf(String(index)),
        ...(sizeBytes === undefined ? {} : { sizeBytes }),
      };
      const segment = { index, rank: index, input, from: 0, to };
      await rejects.push(segment, [rejectOn(2)]);
      await rejects.done(segment, segment, 9);
    }
    assert.deepEqual(placesOf(written), ['0:2', '1:2', '2:2']);
  });

  test('lets a lane that is far ahead wait for its turn', async () => {
    let written = 0;
    const rejects = new OrderedRejects(async ({ length }) => {
      written += length;
    });
    const [first, second, third, fourth] = segmentsOf([4]);
    const many = Array.from({ length: 50_001 }, (_, i) => rejectOn(i + 1));
    await rejects.push(second!, many);
    let went = false;
    const ahead = rejects.push(third!, [rejectOn(1)]).then(() => {
      went = true;
    });
    for (let i = 0; i < 5; i++) await turn();
    assert.equal(went, false);
    await rejects.push(first!, [rejectOn(1)]);
    await rejects.done(first!, first!, 1);
    await rejects.done(second!, second!, many.length);
    await ahead;
    await rejects.push(fourth!, [rejectOn(1)]); // few wait now, so this one need not
    await rejects.done(third!, third!, 1);
    await rejects.done(fourth!, fourth!, 1);
    assert.equal(written, many.length + 3);
  });

  test('waits for what takes them, so that rejects do not pile up', async () => {
    const taken = Promise.withResolvers<void>();
    const rejects = new OrderedRejects(() => taken.promise);
    const [first] = segmentsOf([1]);
    let went = false;
    const pushed = rejects.push(first!, [rejectOn(1)]).then(() => {
      went = true;
    });
    for (let i = 0; i < 5; i++) await turn();
    assert.equal(went, false);
    taken.resolve();
    await pushed;
  });

  test('fails when they cannot be taken', async () => {
    const full = new Error('disk full');
    const rejects = new OrderedRejects(() => Promise.reject(full));
    const [first] = segmentsOf([1]);
    await assert.rejects(rejects.push(first!, [rejectOn(1)]), full);
    await assert.rejects(rejects.done(first!, first!, 1), full);
  });
});

/** Segments of inputs that are cut into so many. */
function segmentsOf(counts: readonly number[]): Segment[] {
  const segments: Segment[] = [];
  for (const [rank, count] of counts.entries()) {
    const input = { ...inputOf(String(rank)), sizeBytes: 100 * count };
    for (let i = 0; i < count; i++) {
      const to = i === count - 1 ? Number.POSITIVE_INFINITY : 100 * (i + 1);
      segments.push({ index: segments.length, rank, input, from: 100 * i, to });
    }
  }
  return segments;
}

function inputOf(name: string): Input {
  return { name, source: 'fake', encoding: 'plain', splittable: true, replayable: true };
}

function rejectOn(line: number): Omit<Reject, 'input'> {
  return { reason: 'time', line, offset: 10 * line, text: 'x' };
}

function placesOf(rejects: readonly Reject[]): string[] {
  return rejects.map(({ input, line }) => `${input}:${line}`);
}
