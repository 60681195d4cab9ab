import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bill, filesOf, rejectsOf } from '../../support/bill.ts';

describe('scan', () => {
  for (const [order, disorder] of [
    ['sorted', 0],
    ['disordered', 40],
  ] as const) {
    test(`gives the same from 1, 2, 3 and 8 threads for a ${order} log`, async () => {
      using files = filesOf({
        'app.2.log': logOf(12_000, disorder),
        'app.1.log': logOf(9000, disorder, 12_000),
      });
      const whole = await bill(files.paths, { explain: true });
      const rejects = await rejectsOf(files.paths);
      assert.ok(whole.lines.length > 5000 && rejects.length > 300);
      for (const threads of [2, 3, 8]) {
        const options = { threads, segmentBytes: 40_000 };
        assert.deepEqual(await bill(files.paths, { explain: true }, options), whole);
      }
      assert.deepEqual(await rejectsOf(files.paths, { threads: 3, segmentBytes: 15_000 }), rejects);
    });
  }

  test('stops at once when it is aborted', async () => {
    using files = filesOf({ 'app.log': logOf(1000, 0) });
    const interrupted = AbortSignal.abort(new Error('enough'));
    for (const threads of [1, 2]) {
      const options = { threads, segmentBytes: 1000, signal: interrupted };
      await assert.rejects(bill(files.paths, {}, options), /enough|interrupted/);
    }
  });

  test('tells what went wrong in a lane', async () => {
    using files = filesOf({ 'app.log': logOf(1000, 0) });
    const options = {
      threads: 2,
      segmentBytes: 1000,
      rejects: () => Promise.reject(new Error('the sink is full')),
    };
    await assert.rejects(bill(files.paths, {}, options), /the sink is full/);
  });

  test('reports progress up to the last byte', async () => {
    const log = logOf(60_000, 0);
    using files = filesOf({ 'app.log': log });
    let most = 0;
    const onProgress = (bytes: number) => {
      most = Math.max(most, bytes);
    };
    await bill(files.paths, {}, { onProgress });
    assert.ok(most <= log.length);
  });
});

/** A log with one line in twenty that is junk. */
function logOf(lines: number, disorderSeconds: number, linesBefore = 0): string {
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed / 2 ** 32;
  };
  let text = '';
  for (let i = 0; i < lines; i++) {
    const second = Math.max(0, Math.floor((linesBefore + i) * 4 - random() * disorderSeconds));
    const clock = new Date(second * 1000).toISOString().slice(11, 19);
    const name = `user${Math.floor(random() ** 2 * 300)}`;
    text +=
      random() < 0.05 ? `junk ${i}\n` : `${clock} ${name} ${random() < 0.5 ? 'Start' : 'End'}\n`;
  }
  return text;
}
