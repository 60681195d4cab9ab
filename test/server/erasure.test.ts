import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { DaybookError } from '../../src/core/errors.ts';
import { runId } from '../../src/core/run-id.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { memoryRuns } from '../support/memory-runs.ts';
import { runLike } from '../support/run-history-suite.ts';
import { servedStore } from '../support/server.ts';

const LOG = ['acme', 'a/ä', 'acme'].map((name, i) => `${name},login,2021-03-01 00:1${i}:00+00,1`);

const LEFT = runLike({ id: runId(), report: 'subject erasure', state: 'running', started: 1 });
const OTHER = runLike({ id: runId(), report: 'daily', state: 'running', started: 1 });

describe('DELETE /api/v1/subjects/{subject}', () => {
  const history = memoryRuns(new Map([LEFT, OTHER].map((run) => [run.id, run])));
  const served = servedStore({ 'log.csv': LOG.join('\n') }, { reports: { history } });

  async function erase(subject: string, headers = {}) {
    const url = `/api/v1/subjects/${encodeURIComponent(subject)}`;
    const { statusCode, body } = await served.api.inject({ method: 'DELETE', url, headers });
    return [statusCode, JSON.parse(body)];
  }

  test('erases who is named, and nobody else', async () => {
    assert.deepEqual(await erase('a/ä'), [200, { subject: 'a/ä', erased: 1 }]);
    assert.deepEqual(await erase('a/ä'), [200, { subject: 'a/ä', erased: 0 }]);
    assert.deepEqual(await erase('nobody'), [200, { subject: 'nobody', erased: 0 }]);
    for (const name of ['', '&subject=acme']) {
      const answer = await served.api.inject(`/api/v1/counts?interval=1d${name}`);
      const { rows } = JSON.parse(answer.body) as { rows: { subject: string; count: number }[] };
      assert.deepEqual(
        rows.map(({ subject, count }) => [subject, count]),
        [['acme', 2]],
      );
    }
  });

  test('is noted in the run history, without a name', async () => {
    const [last] = await history.list({ limit: 1 });
    await erase('somebody');
    const runs = await history.list({ limit: 100 });
    const [run] = runs;
    assert.notEqual(run?.id, last?.id);
    assert.deepEqual([run?.report, run?.state], ['subject erasure', 'done']);
    assert.deepEqual(run?.notes, [
      { code: 'erased', message: '0 events of a subject were erased', count: 0 },
    ]);
    assert.ok(runs.some(({ notes }) => notes[0]?.['count'] === 1));
    assert.doesNotMatch(JSON.stringify(runs), /somebody|acme|nobody/);
  });

  test('erases nothing that cannot be noted', async (context) => {
    const broken = new DaybookError('STORE_UNUSABLE', 'the history is down');
    const begin = context.mock.method(history, 'begin', () => Promise.reject(broken));
    const [status] = await erase('acme');
    assert.equal(status, 503);
    begin.mock.restore();
    const { body } = await served.api.inject('/api/v1/counts?subject=acme&interval=1d');
    assert.match(body, /"count":2/);
  });

  test('is entered as cut off at the next start where its process has ended before it', async () => {
    while ((await history.find(LEFT.id))?.state === 'running') await eventLoopTurn();
    const run = await history.find(LEFT.id);
    assert.equal(run?.state, 'failed');
    assert.match(String(run?.error), /^was cut off, .*; erase the subject again$/);
    assert.ok(run!.finished! > LEFT.started);
    assert.equal((await history.find(OTHER.id))?.state, 'running');
  });

  test('is for administrators', async () => {
    for (const [scope, subjects, status] of [
      ['write', undefined, 403],
      ['admin', ['acme'], 403],
      ['admin', undefined, 200],
    ] as const) {
      const { token } = createKey(served.keys, { name: 'k', created: 0, scope, subjects });
      const [found] = await erase('acme', { authorization: `Bearer ${token}` });
      assert.equal(found, status);
    }
  });
});
