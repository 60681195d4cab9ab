import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { untilInterrupted } from '../../../src/pipeline/read/until-interrupted.ts';

describe('untilInterrupted', () => {
  test('leaves no failure of the work to nobody where the signal came before', async () => {
    // The runner fails a test whose process sees an unhandled rejection.
    const { promise, reject } = Promise.withResolvers<never>();
    const interrupted = untilInterrupted(promise, AbortSignal.abort());
    await assert.rejects(interrupted, { code: 'INTERRUPTED' });
    reject(new Error('stopped too'));
    await eventLoopTurn();
  });

  test('does not give what was done before where the signal came before', async () => {
    const interrupted = untilInterrupted(Promise.resolve(1), AbortSignal.abort());
    await assert.rejects(interrupted, { code: 'INTERRUPTED' });
  });
});
