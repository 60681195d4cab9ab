import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cronSchedule } from '../../src/config/schedule.ts';
import { DaybookError, interruption } from '../../src/core/errors.ts';
import { type LogFields, SILENT } from '../../src/core/log.ts';
import type { Run, RunHistory } from '../../src/core/run-history.ts';
import { runId } from '../../src/core/run-id.ts';
import type { ScheduledReport } from '../../src/pipeline/runs/scheduler.ts';
import { ServedReports } from '../../src/server/served-reports.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { memoryRuns } from '../support/memory-runs.ts';
import { runLike } from '../support/run-history-suite.ts';

const DUE = Date.parse('2026-03-02T06:00:00Z');

/** A report due at six, whose clock, history and attempts are at hand. */
class Case {
  readonly clock: FakeClock = new FakeClock('2026-03-02T05:59:00Z');
  readonly runs: Map<string, Run> = new Map();
  readonly told: string[] = [];
  readonly noted: string[] = [];
  readonly stop: AbortController = new AbortController();
  readonly history: RunHistory = memoryRuns(this.runs);
  readonly served: ServedReports;
  isClosed = false;

  constructor(make?: ScheduledReport['make'], history: Partial<RunHistory> = {}) {
    const report: ScheduledReport = {
      ...{ name: 'active-users', schedule: cronSchedule('0 6 * * *', 'UTC') },
      ...{ catchUp: 'latest', retries: 1 },
      asOf: () => '2026-03-02',
      make: make ?? (async ({ due }) => this.enter({ due, state: 'done' })),
    };
    const close = async () => {
      this.isClosed = true;
    };
    const note = (name: string, fields?: LogFields) => {
      this.noted.push(`${name} ${fields?.['report']}`);
    };
    this.served = new ServedReports([report], Object.assign(this.history, history, { close }), {
      clock: this.clock,
      log: { ...SILENT, warn: note, error: note },
      onEvent: ({ outcome }) => this.told.push(outcome),
    });
  }

  enter(part: Partial<Run>): Run {
    const run = runLike({ id: runId(), finished: this.clock.now(), ...part });
    this.runs.set(run.id, run);
    return run;
  }

  /** Runs the service up to an instant, and stops it. */
  async until(instant: string): Promise<void> {
    const running = this.served.run(this.stop.signal);
    await this.clock.goTo(instant);
    this.stop.abort();
    await running;
  }

  async metrics(): Promise<Record<string, number>> {
    const text = await this.served.metrics.registry.metrics();
    const lines = text.split('\n').filter((line) => /^[a-z]/.test(line));
    return Object.fromEntries(
      lines.map((line) => [shortened(line), Number(line.split(' ').at(-1))]),
    );
  }
}

function shortened(line: string): string {
  const name = line.includes('last_success') ? 'last success' : 'runs';
  return /state="(\w+)"/.exec(line)?.[1] ?? name;
}

describe('a service', () => {
  test('makes a report when it is due, once, and tells when that last went well', async () => {
    const it = new Case();
    it.enter({ due: DUE - 86_400_000, state: 'done' });
    await it.until('2026-03-02T12:00:00Z');
    assert.deepEqual([it.told, it.noted, it.isClosed], [['made'], [], true]);
    assert.deepEqual(await it.metrics(), {
      ...{ done: 1, unchanged: 0, failed: 0, missed: 0 },
      'last success': DUE / 1000,
    });
  });

  test('tells of a failure on every way, and of no success where there was none', async () => {
    const it = new Case(async ({ due }) => {
      it.enter({ due, state: 'failed' });
      throw new DaybookError('SOURCE_UNREADABLE', 'it is down', { isTransient: true });
    });
    it.enter({ due: DUE - 3 * 86_400_000, state: 'failed' });
    await it.until('2026-03-02T06:10:00Z');
    // What was due the day before is made first, and the one before that was missed.
    assert.deepEqual(it.told, ['missed', 'failed', 'failed', 'failed', 'failed']);
    assert.deepEqual(it.noted.slice(-2), ['retry active-users', 'failed active-users']);
    const metrics = await it.metrics();
    assert.deepEqual([metrics['failed'], metrics['missed']], [4, 1]);
    assert.equal(metrics['last success'], undefined);
  });

  test('ends a run under way when it is told to stop, and then closes the history', async () => {
    let ended = '';
    const it = new Case(
      async ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener('abort', () => {
            ended = it.isClosed ? 'too late' : 'in time';
            reject(interruption(signal!));
          });
        }),
    );
    it.enter({ due: DUE - 86_400_000, state: 'done' });
    await it.until('2026-03-02T06:00:00Z');
    assert.deepEqual([ended, it.told, it.isClosed], ['in time', [], true]);
  });

  test('closes the history where it ends before it began', async () => {
    const it = new Case();
    await it.served[Symbol.asyncDispose]();
    assert.equal(it.isClosed, true);
  });

  test('asks a history that cannot be read again and again, and makes then what is due', async () => {
    let failures = 3;
    const { list } = memoryRuns(new Map());
    const it: Case = new Case(undefined, {
      async list(which) {
        if (which.scheduled && failures-- > 0)
          throw new DaybookError('STORE_UNUSABLE', 'the history is down');
        return list(which);
      },
    });
    await it.until('2026-03-02T06:10:00Z');
    assert.deepEqual(it.told.slice(0, 4), ['failed', 'failed', 'failed', 'made']);
    assert.equal(it.noted[0], 'retry active-users');
  });

  test('tells what it knew where the history cannot be read', async () => {
    const it = new Case();
    await it.until('2026-03-02T06:10:00Z');
    const before = await it.metrics();
    it.history.list = () => Promise.reject(new Error('down'));
    assert.deepEqual(await it.metrics(), before);
    it.history.list = () => new Promise(() => {});
    assert.deepEqual(await it.metrics(), before);
  });
});
