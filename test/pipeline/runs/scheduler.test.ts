import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { cronSchedule } from '../../../src/config/schedule.ts';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Run } from '../../../src/core/run-history.ts';
import { runId } from '../../../src/core/run-id.ts';
import { type ScheduledReport, Scheduler } from '../../../src/pipeline/runs/scheduler.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { memoryRuns } from '../../support/memory-runs.ts';
import { runLike } from '../../support/run-history-suite.ts';

const down = () =>
  new DaybookError('SOURCE_UNREADABLE', 'the database is down', { isTransient: true });

/** A scheduler of one report, due at six in the morning, whose clock and history are at hand. */
class Case {
  readonly clock: FakeClock;
  readonly runs: Map<string, Run> = new Map();
  /** What was told, a line each. */
  readonly told: string[] = [];
  readonly scheduler: Scheduler;
  /** That of another process. */
  readonly other: Scheduler;
  /** What attempts fail with, one after the other; those behind succeed. */
  failures: unknown[] = [];
  /** How long an attempt takes. */
  takesMs = 0;
  running = 0;

  constructor(now: string, part: Partial<ScheduledReport> = {}, pattern = '0 6 * * *') {
    this.clock = new FakeClock(now);
    const report: ScheduledReport = {
      name: 'active-users',
      schedule: cronSchedule(pattern, 'UTC'),
      catchUp: 'latest',
      retries: 3,
      asOf: (due) => new Date(due).toISOString().slice(0, 10),
      make: (request) => this.#make(request),
      ...part,
    };
    const history = memoryRuns(this.runs);
    const how: ConstructorParameters<typeof Scheduler>[2] = {
      clock: this.clock,
      tell: (event) => {
        const { outcome } = event;
        if (outcome === 'made') this.told.push(`made ${event.run.asOf}`);
        else if (outcome === 'missed') this.told.push(event.message);
        else if (outcome === 'busy') this.told.push('busy');
        else this.told.push(`${(event.error as Error).message}, again in ${event.retryMs}`);
      },
    };
    this.scheduler = new Scheduler([report], history, how);
    this.other = new Scheduler([report], history, how);
  }

  /** Enters that the report was made on schedule. */
  made(due: string, state: Run['state'] = 'done'): this {
    const run = runLike({ due: Date.parse(due), state });
    this.runs.set(run.id, run);
    return this;
  }

  /** When runs on schedule were begun, and how they ended. */
  get entered(): string[] {
    return [...this.runs.values()].map(
      ({ started, state }) => `${new Date(started).toISOString().slice(5, 19)} ${state}`,
    );
  }

  async #make({ asOf, due, signal }: Parameters<ScheduledReport['make']>[0]): Promise<Run> {
    assert.equal(++this.running, 1);
    const id = runId();
    const run = runLike({ id, asOf, due, started: this.clock.now() });
    const [failure] = this.failures.splice(0, 1);
    try {
      if (this.takesMs > 0) await this.clock.sleep(this.takesMs, signal);
      this.runs.set(id, { ...run, state: failure === undefined ? 'done' : 'failed' });
      if (failure !== undefined) throw failure;
      return run;
    } finally {
      this.running--;
    }
  }
}

describe('a scheduler', () => {
  test('makes what falls due, for the day on which it does', async () => {
    const it = new Case('2026-03-01T12:00:00Z').made('2026-03-01T06:00:00Z');
    const stop = new AbortController();
    const running = it.scheduler.run(stop.signal);
    await it.clock.goTo('2026-03-03T05:59:59Z');
    assert.deepEqual(it.told, ['made 2026-03-02']);
    await it.clock.goTo('2026-03-03T06:00:00Z');
    assert.deepEqual(it.told, ['made 2026-03-02', 'made 2026-03-03']);
    stop.abort();
    await running;
    await it.clock.goTo('2026-03-09T06:00:00Z');
    assert.equal(it.told.length, 2);
  });

  test('makes each report once for each instant, also when it takes longer than to the next', async () => {
    const it = new Case('2026-03-01T06:00:00Z', {}, '*/5 * * * *');
    it.takesMs = 12 * 60_000;
    const stop = new AbortController();
    const running = it.scheduler.run(stop.signal);
    await it.clock.goTo('2026-03-01T06:24:00Z');
    stop.abort();
    await running;
    assert.deepEqual(it.told, [
      'made 2026-03-01',
      'the run of 2026-03-01T06:05:00Z was due, and nobody made it',
      'made 2026-03-01',
      'the run of 2026-03-01T06:15:00Z was due, and nobody made it',
    ]);
  });

  test('catches up with the latest that was missed, and tells of the others', async () => {
    const it = new Case('2026-03-05T09:00:00Z').made('2026-03-01T06:00:00Z');
    assert.deepEqual(await it.scheduler.runDue(), []);
    assert.deepEqual(it.told, [
      '3 runs, from 2026-03-02T06:00:00Z to 2026-03-04T06:00:00Z, were due, and nobody made them',
      'made 2026-03-05',
    ]);
    assert.deepEqual(await it.scheduler.runDue(), []);
    assert.equal(it.told.length, 2);
    const [, missed] = it.runs.values();
    assert.deepEqual([missed?.state, missed?.asOf], ['missed', '2026-03-04']);
  });

  test('does not catch up where it is not to, but for what is hardly late', async () => {
    const late = new Case('2026-03-03T07:00:01Z', { catchUp: 'none' }).made('2026-03-01T06:00:00Z');
    await late.scheduler.runDue();
    await late.scheduler.runDue();
    assert.deepEqual(late.told, [
      '2 runs, from 2026-03-02T06:00:00Z to 2026-03-03T06:00:00Z, were due, and nobody made them',
    ]);
    const onTime = new Case('2026-03-02T07:00:00Z', { catchUp: 'none' });
    await onTime.made('2026-03-01T06:00:00Z').scheduler.runDue();
    assert.deepEqual(onTime.told, ['made 2026-03-02']);
  });

  test('makes at once what never ran, unless it is not to catch up', async () => {
    const first = new Case('2026-03-03T12:00:00Z');
    await first.scheduler.runDue();
    assert.deepEqual(first.told, ['made 2026-03-03']);
    const none = new Case('2026-03-03T12:00:00Z', { catchUp: 'none' });
    await none.scheduler.runDue();
    assert.deepEqual([none.told, none.entered], [[], []]);
  });

  test('tries again what may go better later, ever less often, and then gives up until the next', async () => {
    const it = new Case('2026-03-02T06:00:00Z').made('2026-03-01T06:00:00Z');
    it.failures = [down(), down(), down(), down()];
    const due = it.scheduler.runDue();
    await it.clock.goTo('2026-03-02T07:00:00Z');
    assert.deepEqual(await due, ['active-users']);
    assert.deepEqual(it.told, [
      'the database is down, again in 30000',
      'the database is down, again in 60000',
      'the database is down, again in 120000',
      'the database is down, again in undefined',
    ]);
    assert.deepEqual(it.entered.slice(1), [
      '03-02T06:00:00 failed',
      '03-02T06:00:30 failed',
      '03-02T06:01:30 failed',
      '03-02T06:03:30 failed',
    ]);
    assert.deepEqual(await it.scheduler.runDue(), []);
    assert.equal(it.told.length, 4);
    await it.clock.goTo('2026-03-03T06:00:00Z');
    assert.deepEqual(await it.scheduler.runDue(), []);
    assert.equal(it.told.at(-1), 'made 2026-03-03');
  });

  test('counts the attempts of processes before it', async () => {
    const it = new Case('2026-03-02T06:10:00Z').made('2026-03-02T06:00:00Z', 'running');
    it.made('2026-03-02T06:00:00Z', 'failed').made('2026-03-02T06:00:00Z', 'failed');
    it.failures = [down()];
    assert.deepEqual(await it.scheduler.runDue(), ['active-users']);
    assert.deepEqual(it.told, ['the database is down, again in undefined']);
  });

  test('goes on with the back-off of a process that was ended while it waited', async () => {
    const it = new Case('2026-03-02T06:00:00Z').made('2026-03-01T06:00:00Z');
    it.failures = [down(), down(), down()];
    const stop = new AbortController();
    const ended = assert.rejects(it.scheduler.runDue(stop.signal), { code: 'INTERRUPTED' });
    await it.clock.goTo('2026-03-02T06:00:10Z');
    stop.abort();
    await ended;
    const due = it.other.runDue();
    await it.clock.goTo('2026-03-02T07:00:00Z');
    assert.deepEqual(await due, []);
    assert.deepEqual(it.told, [
      'the database is down, again in 30000',
      'the database is down, again in 60000',
      'the database is down, again in 120000',
      'made 2026-03-02',
    ]);
    assert.deepEqual(it.entered.slice(1), [
      '03-02T06:00:00 failed',
      '03-02T06:00:10 failed',
      '03-02T06:01:10 failed',
      '03-02T06:03:10 done',
    ]);
  });

  test('does not try again what will not go better', async () => {
    const failures = [
      new DaybookError('USAGE', 'no such table'),
      new DaybookError('SOURCE_UNREADABLE', 'the server refuses this user with this password'),
      new DaybookError('DESTINATION_UNWRITABLE', 'other content stands there'),
      new Error('a bug'),
    ];
    for (const failure of failures) {
      const it = new Case('2026-03-02T06:00:00Z');
      it.failures = [failure];
      assert.deepEqual(await it.scheduler.runDue(), ['active-users']);
      assert.deepEqual(it.told, [`${failure.message}, again in undefined`]);
    }
  });

  test('leaves off for a later one that is due', async () => {
    const it = new Case('2026-03-01T06:00:00Z', {}, '* * * * *');
    it.failures = [down(), down(), down()];
    const stop = new AbortController();
    const running = it.scheduler.run(stop.signal);
    await it.clock.goTo('2026-03-01T06:02:10Z');
    stop.abort();
    await running;
    assert.deepEqual(it.entered, [
      '03-01T06:00:00 failed',
      '03-01T06:00:30 failed',
      '03-01T06:01:30 failed',
      '03-01T06:02:00 done',
    ]);
  });

  test('leaves a report to another process that makes it', async () => {
    const busy = new Case('2026-03-02T06:00:00Z', { make: async () => undefined });
    assert.deepEqual(await busy.scheduler.runDue(), []);
    assert.deepEqual(busy.told, ['busy']);
  });

  test('makes it when the other process came to nothing, and not when it made it', async () => {
    const [died, made] = ['died', 'made'].map((end) => {
      let calls = 0;
      const it: Case = new Case('2026-03-02T06:00:00Z', {
        make: async ({ asOf, due }) => {
          if (++calls <= 2) return undefined;
          if (end === 'made') assert.fail('made twice');
          const run = runLike({ asOf, due });
          it.runs.set(run.id, run);
          return run;
        },
      });
      return it;
    }) as [Case, Case];
    const stop = new AbortController();
    const running = Promise.all([died.scheduler.run(stop.signal), made.scheduler.run(stop.signal)]);
    await died.clock.goTo('2026-03-02T06:10:00Z');
    await made.clock.goTo('2026-03-02T06:01:30Z');
    made.made('2026-03-02T06:00:00Z');
    await made.clock.goTo('2026-03-02T06:10:00Z');
    stop.abort();
    await running;
    assert.deepEqual(died.told, ['busy', 'made 2026-03-02']);
    assert.deepEqual(made.told, ['busy']);
  });

  test('does not make again what another process made while it waited to', async () => {
    const it = new Case('2026-03-02T06:00:00Z');
    it.failures = [down()];
    const due = it.scheduler.runDue();
    await it.clock.goTo('2026-03-02T06:00:10Z');
    assert.deepEqual(await it.other.runDue(), []);
    await it.clock.goTo('2026-03-02T07:00:00Z');
    assert.deepEqual(await due, []);
    assert.deepEqual(it.told, ['the database is down, again in 30000', 'made 2026-03-02']);
  });

  test('enters once what was missed, of however many processes', async () => {
    const it = new Case('2026-03-03T12:00:00Z', { catchUp: 'none' }).made('2026-03-01T06:00:00Z');
    await Promise.all([it.scheduler.runDue(), it.other.runDue()]);
    assert.equal(it.told.length, 1);
    assert.equal(it.runs.size, 2);
  });

  test('does not let a report that fails hold up the others', async () => {
    const it = new Case('2026-03-02T06:00:00Z');
    const report = (name: string, make: ScheduledReport['make']): ScheduledReport => ({
      ...{ name, schedule: cronSchedule('0 6 * * *', 'UTC'), catchUp: 'latest', retries: 3, make },
      asOf: () => '2026-03-02',
    });
    const made: string[] = [];
    const fails = report('a', async () => {
      throw down();
    });
    const works = report('b', async () => runLike());
    const scheduler = new Scheduler([fails, works], memoryRuns(), {
      clock: it.clock,
      tell: ({ report: name, outcome }) => made.push(`${name} ${outcome}`),
    });
    const due = scheduler.runDue();
    await it.clock.goTo('2026-03-02T06:00:00Z');
    assert.deepEqual(made.toSorted(), ['a failed', 'b made']);
    await it.clock.goTo('2026-03-02T07:00:00Z');
    assert.deepEqual(await due, ['a']);
  });

  test('says so where the history cannot be read', async () => {
    const broken = new Case('2026-03-02T06:00:00Z', {
      schedule: {
        next: () => undefined,
        latest() {
          throw new DaybookError('STORE_UNUSABLE', 'the disk fails');
        },
      },
    });
    assert.deepEqual(await broken.scheduler.runDue(), ['active-users']);
    assert.deepEqual(broken.told, ['the disk fails, again in undefined']);
  });

  test('stops at once when it is told to, also where it waits to try again', async () => {
    const it = new Case('2026-03-02T06:00:00Z');
    it.failures = [down()];
    const stop = new AbortController();
    const due = it.scheduler.runDue(stop.signal);
    await it.clock.goTo('2026-03-02T06:00:10Z');
    stop.abort();
    await assert.rejects(due, { code: 'INTERRUPTED' });
  });
});
