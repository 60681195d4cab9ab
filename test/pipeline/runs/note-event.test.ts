import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Log } from '../../../src/core/log.ts';
import { noteEvent } from '../../../src/pipeline/runs/note-event.ts';
import type { ScheduleEvent } from '../../../src/pipeline/runs/scheduler.ts';
import { runLike } from '../../support/run-history-suite.ts';

/** What is noted of an event. */
function noted(event: ScheduleEvent): unknown[] {
  const lines: unknown[] = [];
  const at = (level: string) => (name: string, fields?: object) =>
    lines.push([level, name, fields]);
  const log: Log = { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
  noteEvent(log, event);
  return lines;
}

describe('the log of schedules', () => {
  test('tells what failed for good from what is tried again', () => {
    const error = new DaybookError('SOURCE_UNREADABLE', 'the database is down');
    const failure = { report: 'a', code: 'SOURCE_UNREADABLE', reason: ['the database is down'] };
    assert.deepEqual(noted({ report: 'a', outcome: 'failed', error }), [
      ['error', 'failed', failure],
    ]);
    assert.deepEqual(noted({ report: 'a', outcome: 'failed', error, retryMs: 30_000 }), [
      ['warn', 'retry', { ...failure, retryMs: 30_000 }],
    ]);
  });

  test('tells of what was missed, and what another process makes', () => {
    assert.deepEqual(noted({ report: 'a', outcome: 'missed', message: 'a run was due' }), [
      ['warn', 'missed', { report: 'a', reason: ['a run was due'] }],
    ]);
    assert.deepEqual(noted({ report: 'a', outcome: 'busy' }), [['info', 'busy', { report: 'a' }]]);
  });

  test('leaves what was made to who made it', () => {
    assert.deepEqual(noted({ report: 'a', outcome: 'made', run: runLike() }), []);
  });
});
