import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Run, RunHistory } from '../../../src/core/run-history.ts';
import { makeReport } from '../../../src/pipeline/runs/make-report.ts';
import type { RunPlaces } from '../../../src/pipeline/runs/settle-runs.ts';
import { type MemoryBucket, memoryArchive } from '../../support/memory-archive.ts';
import { memoryRuns } from '../../support/memory-runs.ts';
import { reportToMake } from '../../support/report-to-make.ts';
import { runLike } from '../../support/run-history-suite.ts';

const KEY = 'active-users/2026-03-01.csv';
const CONTENT = 'name,sessions\r\nALICE99,4\r\n';
const digestOf = (content: string) => createHash('sha256').update(content).digest('hex');

/** What outlasts the processes that make reports. */
class World {
  readonly bucket: MemoryBucket = { objects: new Map(), drafts: new Set() };
  readonly runs: Map<string, Run> = new Map();

  /** @param step - Comes before and behind whatever a process does to the world. */
  places(step: () => Promise<void> = async () => {}): RunPlaces {
    return {
      history: stepping(memoryRuns(this.runs), step),
      archive: stepping(memoryArchive(this.bucket, step), step),
    };
  }

  get states(): string[] {
    return [...this.runs.values()].map(({ state }) => state);
  }

  get object(): string | undefined {
    return this.bucket.objects.get(KEY);
  }

  /** Holds what must be so whenever a run has ended. */
  assertTold(): void {
    assert.deepEqual([...this.bucket.drafts], []);
    for (const { id, state, digest, key, finished, draft, error } of this.runs.values()) {
      assert.ok(!existsSync(join(tmpdir(), `daybook-${id}.report`)));
      assert.ok(state === 'done' || state === 'unchanged' || state === 'failed', state);
      assert.ok(finished !== undefined);
      assert.equal(draft, undefined);
      assert.equal(error !== undefined, state === 'failed');
      if (state !== 'failed') assert.equal(digestOf(this.bucket.objects.get(key!)!), digest);
    }
    const isPut = this.states.some((state) => state !== 'failed');
    assert.equal(this.bucket.objects.size > 0, isPut);
  }
}

/** A part whose functions take a step before they begin and when they are done. */
function stepping<Part extends object>(part: Part, step: () => Promise<void>): Part {
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || name === 'locationOf' || name === 'alone') return value;
      return async (...words: unknown[]) => {
        await step();
        const result: unknown = await Reflect.apply(value, target, words);
        await step();
        return result;
      };
    },
  });
}

/** Makes a report with something that happens at a step; tells whether it came so far. */
async function madeUntil(
  world: World,
  at: number,
  strike: () => Promise<void>,
): Promise<'struck' | 'ended'> {
  let steps = 0;
  const struck = Promise.withResolvers<'struck'>();
  const step = async () => {
    if (++steps !== at) return;
    struck.resolve('struck');
    await strike();
  };
  const { open, ...rest } = reportToMake();
  const asked = {
    ...rest,
    open: async (request: Parameters<typeof open>[0]) => {
      await step();
      return open(request);
    },
  };
  const made = makeReport(asked, world.places(step)).then(
    () => 'ended' as const,
    () => 'struck' as const,
  );
  return Promise.race([made, struck.promise.then(() => Promise.race([made, tick()]))]).then(() =>
    steps >= at ? 'struck' : 'ended',
  );
}

/** Settles when all that can be done now is done. */
async function tick(): Promise<'struck'> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  return 'struck';
}

describe('makeReport', () => {
  test('makes nothing that another process made for the same instant', async () => {
    const world = new World();
    const asked = { ...reportToMake(), due: 1000 };
    assert.equal((await makeReport(asked, world.places()))?.state, 'done');
    assert.equal(await makeReport(asked, world.places()), undefined);
    assert.equal((await makeReport({ ...asked, due: 2000 }, world.places()))?.state, 'unchanged');
    assert.deepEqual(world.states, ['done', 'unchanged']);
  });

  test('puts the report, and enters what it did', async () => {
    const world = new World();
    const run = await makeReport(reportToMake(), world.places(), { now: () => 5 });
    assert.equal(world.object, CONTENT);
    const { id, version, ...rest } = run!;
    assert.match(version, /^[0-9]+[.]/);
    assert.deepEqual(rest, {
      ...{ report: 'active-users', asOf: '2026-03-01', due: undefined, key: KEY },
      ...{ destination: `memory:${KEY}`, started: 5, finished: 5, state: 'done', draft: undefined },
      ...{ parameters: { days: 30, format: 'csv' }, rows: 1, sizeBytes: CONTENT.length },
      digest: digestOf(CONTENT),
      inputs: [{ name: 'users', rows: 1, digest: '[["ALICE99",4]]' }],
      notes: [{ code: 'note', message: 'a note' }],
    });
    const { due: _, draft: __, ...kept } = run!;
    assert.deepEqual(world.runs.get(id), kept);
    world.assertTold();
  });

  test('leaves the same content as it is, and refuses other content unless told', async () => {
    const world = new World();
    const other = { rows: [['BOB', 1]] } as const;
    await makeReport(reportToMake(), world.places());
    const again = await makeReport(reportToMake(), world.places());
    assert.equal(again?.state, 'unchanged');
    const refused = { code: 'DESTINATION_UNWRITABLE', message: `${KEY} has other content` };
    await assert.rejects(makeReport(reportToMake(other), world.places()), refused);
    assert.equal(world.object, CONTENT);
    await makeReport(reportToMake({ ...other, overwrite: true }), world.places());
    assert.deepEqual(world.states, ['done', 'unchanged', 'failed', 'done']);
    assert.equal(world.object, 'name,sessions\r\nBOB,1\r\n');
  });

  test('has the archive get ready while the databases work', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const asked = reportToMake();
    const ready = Promise.withResolvers<void>();
    const prepare = () => ready.resolve();
    const slow: typeof asked = {
      ...asked,
      async open(request) {
        const opened = await asked.open(request);
        async function* rows() {
          await ready.promise;
          yield* opened.table.rows;
        }
        return { ...opened, table: { ...opened.table, rows: rows() } };
      },
    };
    const run = await makeReport(slow, { history, archive: { ...archive, prepare } });
    assert.deepEqual([run?.state, world.object], ['done', CONTENT]);
  });

  test('leaves to the next run what could not be cleared away', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const clear = () => Promise.reject(new Error('the network is down'));
    const put: typeof archive.put = async (report, key, options) => {
      const outcome = await archive.put(report, key, options);
      world.bucket.drafts.add('garbage');
      await options.onDraft('garbage');
      return outcome;
    };
    const run = await makeReport(reportToMake(), { history, archive: { ...archive, clear, put } });
    assert.deepEqual([run?.state, run?.draft], ['done', 'garbage']);
    await makeReport(reportToMake(), { history, archive });
    assert.deepEqual(world.states, ['done', 'unchanged']);
    world.assertTold();
  });

  test('ends with a signal also while it clears away, of its own or of runs before', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const interrupting = new AbortController();
    const { signal } = interrupting;
    const stuck: RunPlaces = {
      history,
      archive: {
        ...archive,
        async put(report, key, options) {
          world.bucket.drafts.add('garbage');
          await options.onDraft('garbage');
          return archive.put(report, key, { ...options, onDraft: async () => {} });
        },
        clear: (_, given) =>
          new Promise((_resolve, reject) => {
            given?.addEventListener('abort', () => reject(given.reason));
            interrupting.abort(new DaybookError('INTERRUPTED', 'interrupted'));
          }),
      },
    };
    const run = await makeReport(reportToMake(), stuck, { signal });
    assert.deepEqual([run?.state, run?.draft], ['done', 'garbage']);
  });

  test('does nothing where the report is being made', async () => {
    const world = new World();
    const places = world.places();
    await places.history.alone('active-users', async () => {
      assert.equal(await makeReport(reportToMake(), places), undefined);
    });
    assert.deepEqual(world.states, []);
  });

  test('writes nothing where the databases fail, before the first row or behind some, and says so', async () => {
    for (const when of ['open', 'rows']) {
      const world = new World();
      const { open, ...rest } = reportToMake();
      let closed = 0;
      const asked = reportToMake({
        ...rest,
        async open(request) {
          if (when === 'open') throw new Error('connection refused');
          const opened = await open(request);
          return {
            ...opened,
            table: {
              ...opened.table,
              rows: (async function* () {
                yield [['ALICE99', 4]];
                throw new Error('connection refused');
              })(),
            },
            close: async () => {
              closed++;
            },
          };
        },
      });
      await assert.rejects(makeReport(asked, world.places()), /connection refused/);
      const [run] = world.runs.values();
      assert.deepEqual([run?.state, run?.error], ['failed', 'connection refused']);
      assert.equal(closed, when === 'rows' ? 1 : 0);
      world.assertTold();
    }
  });

  test('enters that it was interrupted', async () => {
    const world = new World();
    const interrupting = new AbortController();
    const { open, ...rest } = reportToMake();
    const asked = reportToMake({
      ...rest,
      async open(request) {
        interrupting.abort();
        return open(request);
      },
    });
    const { signal } = interrupting;
    await assert.rejects(makeReport(asked, world.places(), { signal }), { code: 'INTERRUPTED' });
    assert.deepEqual([...world.runs.values()][0]?.error, 'interrupted');
    world.assertTold();
  });

  test('tells the truth when its process ends at any instant, once the next has run', async () => {
    const never = () => new Promise<void>(() => {});
    const seen = new Set<string>();
    for (let at = 1; ; at++) {
      const world = new World();
      if ((await madeUntil(world, at, never)) === 'ended') break;
      const stood = world.object;
      assert.ok(stood === undefined || stood === CONTENT);
      await makeReport(reportToMake(), world.places());
      world.assertTold();
      assert.equal(world.object, CONTENT);
      seen.add(world.states.join(' '));
      const first = world.states.length > 1 ? [stood === undefined ? 'failed' : 'done'] : [];
      assert.deepEqual(world.states, [...first, stood === undefined ? 'done' : 'unchanged']);
    }
    assert.deepEqual([...seen].sort(), ['done', 'done unchanged', 'failed done']);
  });

  test('tells the truth when other content is to be put after its process ended', async () => {
    const never = () => new Promise<void>(() => {});
    for (let at = 1; ; at++) {
      const world = new World();
      if ((await madeUntil(world, at, never)) === 'ended') break;
      const stood = world.object;
      const other = reportToMake({ rows: [['BOB', 1]] });
      const made = makeReport(other, world.places());
      if (stood === undefined) await made;
      else await assert.rejects(made, /has other content/);
      world.assertTold();
    }
  });

  test('tells the truth when anything fails once, at the latest when the next has run', async () => {
    let failures = 0;
    for (let at = 1; ; at++) {
      const world = new World();
      const fail = () => Promise.reject(new Error('the network is down'));
      if ((await madeUntil(world, at, fail)) === 'ended') break;
      failures++;
      await makeReport(reportToMake(), world.places());
      world.assertTold();
      assert.equal(world.object, CONTENT);
    }
    assert.ok(failures > 15, `${failures}`);
  });

  test('takes a report that arrived though the archive said otherwise for done', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const put: typeof archive.put = async (...words) => {
      await archive.put(...words);
      throw new Error('the answer was lost');
    };
    const run = await makeReport(reportToMake(), { history, archive: { ...archive, put } });
    assert.equal(run?.state, 'done');
  });

  test('finds out the next time whether a report arrived, where nobody could be asked', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const down = async () => {
      throw new Error('the network is down');
    };
    const put: typeof archive.put = async () => {
      world.bucket.objects.set(KEY, CONTENT);
      return down();
    };
    const broken = { ...archive, put, find: down };
    await assert.rejects(makeReport(reportToMake(), { history, archive: broken }), /network/);
    assert.deepEqual(world.states, ['failed']);
    await makeReport(reportToMake(), world.places());
    assert.deepEqual(world.states, ['done', 'unchanged']);
    world.assertTold();
  });

  test('takes runs that were cut off behind one that has written the same for unchanged', async () => {
    const world = new World();
    await makeReport(reportToMake(), world.places());
    const never = () => new Promise<void>(() => {});
    const seen = new Set<string>();
    for (let at = 1; (await madeUntil(world, at, never)) === 'struck'; at++) {
      await makeReport(reportToMake(), world.places());
      for (const state of world.states.slice(1)) seen.add(state);
    }
    assert.equal(world.states[0], 'done');
    assert.deepEqual([...seen].sort(), ['failed', 'unchanged']);
  });

  test('takes the first of several that were cut off for the one that has written', async () => {
    const world = new World();
    const { history, archive } = world.places();
    const cut = { state: 'running', key: KEY, destination: `memory:${KEY}` } as const;
    const runs = [1, 2].map((started) => runLike({ ...cut, started, digest: digestOf(CONTENT) }));
    for (const run of runs) await history.begin(run);
    world.bucket.objects.set(KEY, CONTENT);
    await makeReport(reportToMake(), { history, archive });
    assert.deepEqual(world.states, ['done', 'unchanged', 'unchanged']);
  });

  test('looks nowhere else for what an earlier run wrote', async () => {
    const world = new World();
    const history: RunHistory = memoryRuns(world.runs);
    const archive = memoryArchive(world.bucket);
    const stopped = { ...history, update: () => new Promise<void>(() => {}) };
    void makeReport(reportToMake(), { history: stopped, archive });
    await tick();
    const [first] = world.runs.values();
    await history.update(first!.id, { digest: digestOf(CONTENT) });
    const elsewhere = { ...archive, locationOf: (key: string) => `s3://other/${key}` };
    await makeReport(reportToMake(), { history: memoryRuns(world.runs), archive: elsewhere });
    const [run] = world.runs.values();
    assert.equal(run?.state, 'failed');
    assert.match(run?.error ?? '', /elsewhere now.*memory:active-users/);
  });
});
