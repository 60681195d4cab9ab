import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Watermark } from '../../../src/core/watermark.ts';
import { ProgressMeter } from '../../../src/pipeline/ingest/source-progress.ts';

const NOW = Date.UTC(2021, 2, 1, 12);
const MINUTES = 60_000;
/** The longest that a single record is believed to lie ahead. */
const DAY = 24 * 60 * MINUTES;

/** A meter of inputs that have these times, each. */
function metered(lastTimes: readonly number[], ...inputs: (readonly number[])[]) {
  const meter = new ProgressMeter(lastTimes, () => NOW);
  const watermarks = inputs.map((times) => {
    const [first, ...rest] = times;
    const watermark = meter.watermarkOf(first);
    for (const time of rest) watermark.observe(time);
    return watermark;
  });
  const reached = (...silent: Watermark[]) =>
    meter.progress(
      watermarks.map((watermark) => ({ watermark, isActive: !silent.includes(watermark) })),
    ).reached;
  return { meter, watermarks, reached };
}

describe('the progress of a source', () => {
  test('is that of the input that is furthest behind, less the disorder', () => {
    const { meter, watermarks } = metered([], [NOW - 9, NOW - 8], [NOW - 5, NOW - 4]);
    const inputs = watermarks.map((watermark) => ({ watermark, isActive: true }));
    assert.deepEqual(meter.progress(inputs), {
      reached: NOW - 8,
      through: NOW - 8 - 5 * MINUTES,
    });
  });

  test('does not wait for who is silent, has nothing, or is over', () => {
    const { meter, watermarks, reached } = metered([], [NOW - 9, NOW - 8], [NOW - 5, NOW - 4], []);
    assert.equal(reached(watermarks[0]!), NOW - 4);
    assert.equal(reached(...watermarks), NOW - 4);
    meter.leave(watermarks[1]!);
    assert.equal(meter.progress([]).reached, NOW - 4);
  });

  test('never goes back', () => {
    const { meter, reached } = metered([], [NOW - 2, NOW - 1]);
    assert.equal(reached(), NOW - 1);
    const watermark = meter.watermarkOf(NOW - 9);
    assert.equal(meter.progress([{ watermark, isActive: true }]).reached, NOW - 1);
  });

  test('is not moved by a single record that lies far ahead of now, read or known', () => {
    const torn = NOW + 400 * DAY;
    assert.equal(metered([torn, NOW - 3]).reached(), NOW - 3);
    assert.equal(metered([], [torn]).reached(), -Infinity);
    assert.equal(metered([], [torn, NOW - 3]).reached(), NOW - 3);
    assert.equal(metered([], [NOW - 3, torn]).reached(), NOW - 3);
  });
});
