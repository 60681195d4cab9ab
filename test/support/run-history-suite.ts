import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { test } from 'node:test';
import type { Run, RunHistory } from '../../src/core/run-history.ts';
import { runId } from '../../src/core/run-id.ts';
import { HOSTILE_TEXTS } from './tables.ts';

/** A history for a test, and how another process would open it where it outlasts this one. */
export interface OpenedHistory extends AsyncDisposable {
  readonly history: RunHistory;
  again?(): Promise<RunHistory>;
}

/** A run that is fine but for what is said. */
export function runLike(part: Partial<Run> = {}): Run {
  return {
    id: runId(),
    report: 'active-users',
    parameters: {},
    asOf: '2026-03-01',
    started: 1_772_000_000_123,
    state: 'running',
    version: '0.1.0',
    inputs: [],
    notes: [],
    ...part,
  };
}

const WHOLE: Partial<Run> = {
  parameters: { b: 1, a: ['x', 'y'], c: true, constructor: 'z' },
  due: 1_772_000_000_000,
  finished: 1_772_000_001_001,
  state: 'done',
  rows: 2 ** 40,
  sizeBytes: 2 ** 50 + 1,
  digest: 'ab'.repeat(32),
  destination: 's3://reports/active-users/2026-03-01.csv',
  key: 'active-users/2026-03-01.csv',
  draft: 'upload 1',
  error: 'what "went"\nwrong',
  inputs: [{ name: 'database platform, table users', rows: 3, digest: 'cd'.repeat(32) }],
  notes: [{ code: 'clocks', message: 'two clocks', ms: 3 }],
};

/** What every kind of run history does. */
export function runHistorySuite(open: () => Promise<OpenedHistory>): void {
  test('has a run as it was entered, and again with another process', async () => {
    await using use = await open();
    for (const run of [runLike(), runLike(WHOLE), runLike({ ...WHOLE, asOf: '0001-01-01' })]) {
      await use.history.begin(run);
      assert.deepEqual(await use.history.find(run.id), run);
      const other = await use.again?.();
      if (other) assert.deepEqual(await other.find(run.id), run);
      await other?.close();
    }
  });

  test('has no run that nobody entered, whatever it is called', async () => {
    await using use = await open();
    for (const id of [randomUUIDv7(), '', 'constructor', "' OR 1 = 1 --", '\0'])
      assert.equal(await use.history.find(id), undefined);
  });

  test('replaces what changes, and forgets what is undefined', async () => {
    await using use = await open();
    const [run, other] = [runLike({ draft: 'upload 1' }), runLike()];
    for (const it of [run, other]) await use.history.begin(it);
    await use.history.update(run.id, WHOLE);
    assert.deepEqual(await use.history.find(run.id), { ...run, ...WHOLE });
    await use.history.update(run.id, { draft: undefined, state: 'unchanged' });
    const { draft: _, ...rest } = { ...run, ...WHOLE, state: 'unchanged' as const };
    assert.deepEqual(await use.history.find(run.id), rest);
    assert.deepEqual(await use.history.find(other.id), other);
    await assert.rejects(use.history.update(randomUUIDv7(), { state: 'done' }), /no run/);
  });

  test('keeps texts of any kind, less what no database takes', async () => {
    await using use = await open();
    for (const error of HOSTILE_TEXTS.filter((it) => it !== '\ud800')) {
      const run = runLike({ error, parameters: { error }, report: error });
      await use.history.begin(run);
      const kept = error.replaceAll('\0', '\uFFFD');
      const found = await use.history.find(run.id);
      assert.deepEqual(found, { ...run, error: kept, report: kept });
    }
  });

  test('lists the latest runs first, of one report, in one state, on schedule, before another, and no more than asked', async () => {
    await using use = await open();
    const runs = (['done', 'failed', 'done', 'running'] as const).map((state, i) =>
      runLike({
        state,
        report: i === 2 ? 'constructor' : 'active-users',
        ...(i < 2 ? { due: i } : {}),
      }),
    );
    for (const run of runs) await use.history.begin(run);
    const [first, second, third, fourth] = runs;
    for (const [which, expected] of [
      [{}, [fourth, third, second, first]],
      [{ limit: 2 }, [fourth, third]],
      [{ report: 'active-users' }, [fourth, second, first]],
      [{ report: 'constructor' }, [third]],
      [{ report: 'nobody' }, []],
      [{ state: 'done' }, [third, first]],
      [{ report: 'active-users', state: 'done' }, [first]],
      [{ scheduled: true }, [second, first]],
      [{ before: third!.id }, [second, first]],
      [{ before: fourth!.id, report: 'active-users', limit: 1 }, [second]],
      [{ before: first!.id }, []],
    ] as const)
      assert.deepEqual(await use.history.list({ limit: 100, ...which }), expected);
  });

  test('lets one run a report at a time, others meanwhile, and the next when it is done', async () => {
    await using use = await open();
    const other = (await use.again?.()) ?? use.history;
    const { promise, resolve } = Promise.withResolvers<string>();
    const begun = Promise.withResolvers<void>();
    const first = use.history.alone('a', () => {
      begun.resolve();
      return promise;
    });
    await begun.promise;
    assert.equal(await other.alone('a', async () => 'second'), undefined);
    assert.equal(await use.history.alone('a', async () => 'third'), undefined);
    assert.equal(await other.alone("b'/../c", async () => 'other report'), 'other report');
    resolve('first');
    assert.equal(await first, 'first');
    assert.equal(await other.alone('a', async () => 'next'), 'next');
    const failing = use.history.alone('a', () => Promise.reject(new Error('broken')));
    await assert.rejects(failing, /broken/);
    assert.equal(await other.alone('a', async () => 'after it'), 'after it');
    if (other !== use.history) await other.close();
  });
}
