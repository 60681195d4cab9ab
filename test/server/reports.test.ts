import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Archive } from '../../src/core/archive.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { type LogFields, SILENT } from '../../src/core/log.ts';
import type { Run } from '../../src/core/run-history.ts';
import type { ReportToMake } from '../../src/pipeline/runs/make-report.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { memoryArchive } from '../support/memory-archive.ts';
import { memoryRuns } from '../support/memory-runs.ts';
import { reportToMake } from '../support/report-to-make.ts';
import { runLike } from '../support/run-history-suite.ts';
import { servedStore } from '../support/server.ts';

const CONTENT = 'name,sessions\r\nALICE99,4\r\n';
const DIGEST = createHash('sha256').update(CONTENT).digest();
const LOG = { 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' };

/** What the API tells of a run. */
interface Told {
  readonly run: string;
  readonly state: string;
  readonly as_of: string;
}

/** Reads other bytes than those of whose digest it tells, one by one, and tells of each. */
function damaged(read: Archive['read'], count: number, onRead: () => void): Archive['read'] {
  function* pieces(): Generator<Buffer> {
    for (let i = 0; i < count; i++) {
      onRead();
      yield Buffer.from('x');
    }
  }
  return async (key) => {
    const found = await read(key);
    return found && { ...found, bytes: Readable.from(pieces()) };
  };
}

/** Begins to read what fails before anybody has asked for the first of it. */
function failing(read: Archive['read']): Archive['read'] {
  return async (key) => {
    const found = await read(key);
    const bytes = new Readable({ read() {} });
    process.nextTick(() => bytes.destroy(new Error('connection lost')));
    return found && { ...found, bytes };
  };
}

describe('reports over HTTP', () => {
  const objects = new Map<string, string>();
  const runs = new Map<string, Run>();
  const history = memoryRuns(runs);
  /** What making a report waits for, or fails with. */
  let gate: Promise<unknown> = Promise.resolve();
  let part: Partial<ReportToMake> = {};
  let isElsewhere = false;
  let damage = 0;
  let bytesRead = 0;
  let isFailing = false;
  const schedule = { next: () => Date.parse('2026-03-02T06:00Z'), latest: () => undefined };
  const noted: string[] = [];
  const error = (event: string, fields?: LogFields) =>
    void noted.push(JSON.stringify([event, fields]));
  const served = servedStore(LOG, {
    log: { ...SILENT, error, warn: error },
    reports: {
      history,
      reports: new Map([
        ['active-users', schedule],
        ['at-hand', undefined],
      ]),
      async open(report, { asOf = '2026-03-01', overwrite = false }) {
        const asked = reportToMake({ report, asOf, overwrite, ...part });
        const archive = memoryArchive({ objects, drafts: new Set() });
        if (damage > 0) archive.read = damaged(archive.read, damage, () => bytesRead++);
        if (isFailing) archive.read = failing(archive.read);
        if (isElsewhere) archive.locationOf = (key) => `elsewhere:${key}`;
        const open: ReportToMake['open'] = async (request) => {
          await gate;
          return asked.open(request);
        };
        return { ...asked, open, archive: report === 'at-hand' ? undefined : archive };
      },
    },
  });

  async function ask(method: 'GET' | 'POST', path: string, payload?: object, headers = {}) {
    const url = `/api/v1/${path}`;
    const answer = await served.api.inject({ method, url, headers, ...(payload && { payload }) });
    const isJson = /json/.test(String(answer.headers['content-type']));
    return { ...answer, status: answer.statusCode, told: (isJson ? answer.json() : {}) as Told };
  }

  async function untilEnded(id: string): Promise<Told> {
    for (;;) {
      const { told } = await ask('GET', `runs/${id}`);
      if (told.state !== 'running') return told;
      await eventLoopTurn();
    }
  }

  test('are listed with their schedules and what became of them', async () => {
    const run = runLike({ state: 'failed', error: 'no users', started: 0 });
    await history.begin(run);
    const { told } = await ask('GET', 'reports');
    const nothing = { parameters: {}, inputs: [], notes: [] };
    const last = { ...{ run: run.id, report: 'active-users', as_of: '2026-03-01' }, ...nothing };
    assert.deepEqual(told, {
      reports: [
        {
          ...{ name: 'active-users', scheduled: true, next_due: '2026-03-02T06:00:00Z' },
          last_run: {
            ...{ ...last, started: '1970-01-01T00:00:00Z', state: 'failed', error: 'no users' },
            version: '0.1.0',
          },
        },
        { name: 'at-hand', scheduled: false, next_due: null, last_run: null },
      ],
    });
    runs.clear();
  });

  test('are made when somebody asks, one at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const begun = await ask('POST', 'reports/active-users/runs', { as_of: '2026-03-01' });
    assert.equal(begun.status, 202, begun.body);
    const { run, state, as_of } = begun.told;
    assert.deepEqual([state, as_of], ['running', '2026-03-01']);
    assert.equal(begun.headers['location'], `/api/v1/runs/${run}`);
    assert.equal((await ask('POST', 'reports/active-users/runs')).status, 409);
    resolve();
    assert.equal((await untilEnded(run)).state, 'done');
    const again = await ask('POST', 'reports/active-users/runs');
    assert.equal((await untilEnded(again.told.run)).state, 'unchanged');
  });

  test('tell what failed behind their begin', async () => {
    gate = Promise.reject(new DaybookError('SOURCE_UNREADABLE', 'no database'));
    const { told } = await ask('POST', 'reports/active-users/runs');
    const failed = await untilEnded(told.run);
    assert.deepEqual({ ...failed, state: 'failed', error: 'no database' }, failed);
    gate = Promise.resolve();
  });

  test('are not made of what is no report, or without a place to go to', async () => {
    assert.equal((await ask('POST', 'reports/nobody/runs')).status, 404);
    assert.equal((await ask('POST', 'reports/constructor/runs')).status, 404);
    assert.equal((await ask('POST', 'reports/at-hand/runs')).status, 422);
    for (const body of [{ as_of: 1 }, { format: 'csv' }, []])
      assert.equal((await ask('POST', 'reports/active-users/runs', body)).status, 400);
  });

  test('have a run list, page by page, of a report or in a state', async () => {
    const whole = (await ask('GET', 'runs')).told as unknown as { runs: Told[] };
    assert.deepEqual(
      whole.runs.map(({ state }) => state),
      ['failed', 'unchanged', 'done'],
    );
    const pages: Told[] = [];
    for (let path: string | undefined = 'runs?limit=1'; path !== undefined; ) {
      const { told, headers } = await ask('GET', path);
      const { runs: page } = told as unknown as { runs: Told[] };
      assert.ok(page.length === 1);
      pages.push(...page);
      path = /^<[/]api[/]v1[/]([^>]+)>/.exec(String(headers['link'] ?? ''))?.[1];
    }
    assert.deepEqual(pages, whole.runs);
    for (const [query, count] of [
      ['report=active-users', 3],
      ['report=nobody', 0],
      ['state=done', 1],
    ] as const) {
      const { told } = await ask('GET', `runs?${query}`);
      assert.equal((told as unknown as { runs: Told[] }).runs.length, count, query);
    }
    assert.equal((await ask('GET', 'runs?state=x')).status, 400);
    for (const id of ['nobody', "'", '%00', 'constructor'])
      assert.equal((await ask('GET', `runs/${id}`)).status, 404, id);
  });

  test('have files, with what tells whether they are whole', async () => {
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    const { body, headers, status } = await ask('GET', `runs/${told.run}/file`);
    assert.deepEqual([status, body], [200, CONTENT]);
    assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
    assert.equal(headers['content-length'], String(CONTENT.length));
    assert.equal(headers['content-digest'], `sha-256=:${DIGEST.toString('base64')}:`);
    assert.equal(
      headers['content-disposition'],
      `attachment; filename="2026-03-01.csv"; filename*=UTF-8''2026-03-01.csv`,
    );
    const known = { 'if-none-match': String(headers['etag']) };
    assert.equal((await ask('GET', `runs/${told.run}/file`, undefined, known)).status, 304);
    const url = `/api/v1/runs/${told.run}/file`;
    const head = await served.api.inject({ method: 'HEAD', url });
    assert.deepEqual([head.statusCode, head.body], [200, '']);
    assert.equal(head.headers['content-length'], String(CONTENT.length));
  });

  test('have files that who asks for the head of one does not read', async () => {
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    damage = 100;
    bytesRead = 0;
    const url = `/api/v1/runs/${told.run}/file`;
    const { statusCode } = await served.api.inject({ method: 'HEAD', url });
    damage = 0;
    assert.equal(statusCode, 200);
    await eventLoopTurn();
    assert.equal(bytesRead, 0);
  });

  test('have files under names that no header or folder is hurt by', async () => {
    part = { keyTemplate: 'a/../"x"\r\nSet-Cookie: é;😀.csv' };
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    part = {};
    const { headers, status } = await ask('GET', `runs/${told.run}/file`);
    assert.equal(status, 200);
    assert.equal(headers['set-cookie'], undefined);
    assert.match(
      String(headers['content-disposition']),
      /^attachment; filename="[\w.-]+[.]csv"; filename[*]=UTF-8''[\w.%-]+$/,
    );
  });

  test('have no file where none was written, or it is there no more', async () => {
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    const failed = runLike({ state: 'failed' });
    const other = { key: 'k', digest: 'ab', destination: 'memory:k', state: 'done' } as const;
    const forgotten = runLike({ ...other, report: 'nobody' });
    for (const run of [failed, forgotten]) await history.begin(run);
    const statusOf = async (id: string) => (await ask('GET', `runs/${id}/file`)).status;
    assert.equal(await statusOf(failed.id), 404);
    assert.equal(await statusOf(forgotten.id), 410);
    isElsewhere = true;
    assert.equal(await statusOf(told.run), 410);
    isElsewhere = false;
    objects.set('active-users/2026-03-01.csv', 'other');
    assert.equal(await statusOf(told.run), 410);
    objects.clear();
    assert.equal(await statusOf(told.run), 410);
  });

  test('have no file to its end that is not what was told of it', async () => {
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    damage = 1;
    const { status, headers } = await ask('GET', `runs/${told.run}/file`);
    assert.deepEqual(
      [status, headers['etag'], headers['content-digest']],
      [500, undefined, undefined],
    );
    damage = CONTENT.length;
    await assert.rejects(ask('GET', `runs/${told.run}/file`));
    damage = 0;
    const changed = noted.filter((line) => line.includes('the file was changed'));
    assert.equal(changed.length, 2);
    assert.equal((await ask('GET', `runs/${told.run}/file`)).body, CONTENT);
  });

  test('have files that harm nothing where they cannot be read any more', async () => {
    const { told } = await ask('POST', 'reports/active-users/runs');
    await untilEnded(told.run);
    isFailing = true;
    const url = `/api/v1/runs/${told.run}/file`;
    const { statusCode } = await served.api.inject({ method: 'GET', url });
    const head = await served.api.inject({ method: 'HEAD', url });
    isFailing = false;
    assert.deepEqual([statusCode, head.statusCode], [500, 200]);
    assert.equal(noted.filter((line) => line.includes('connection lost')).length, 1);
  });

  test('are for keys that may write, and not for those of some subjects', async () => {
    const status = async (key: object, path: string, payload?: object) => {
      const all = { name: 'k', scope: 'read', created: 0, ...key } as const;
      const authorization = `Bearer ${createKey(served.keys, all).token}`;
      const method = path.startsWith('reports/') ? 'POST' : 'GET';
      return (await ask(method, path, payload, { authorization })).status;
    };
    const begin = 'reports/active-users/runs';
    const customer = { scope: 'admin', subjects: ['acme'] };
    for (const path of ['reports', 'runs', begin]) assert.equal(await status(customer, path), 403);
    assert.equal(await status({}, begin), 403);
    assert.equal(await status({ scope: 'write' }, begin, { overwrite: true }), 403);
    assert.equal(await status({}, 'runs'), 200);
    assert.equal(await status({ scope: 'write' }, begin), 202);
  });
});

describe('a report that is made when the service stops', () => {
  const history = memoryRuns();
  const begun = Promise.withResolvers<void>();
  const served = servedStore(LOG, {
    reports: {
      history,
      reports: new Map([['active-users', undefined]]),
      async open() {
        const open: ReportToMake['open'] = ({ signal }) =>
          new Promise((_, reject) => {
            signal?.addEventListener('abort', () =>
              reject(new DaybookError('INTERRUPTED', 'interrupted')),
            );
            begun.resolve();
          });
        const archive = memoryArchive({ objects: new Map(), drafts: new Set() });
        return { ...reportToMake({ open }), archive };
      },
    },
  });

  test('is entered as interrupted', async () => {
    const url = '/api/v1/reports/active-users/runs';
    assert.equal((await served.api.inject({ method: 'POST', url })).statusCode, 202);
    await begun.promise;
    await served.reports.close();
    const [run] = await history.list({ limit: 1 });
    assert.deepEqual([run?.state, run?.error], ['failed', 'interrupted']);
  });
});
