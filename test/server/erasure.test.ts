import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { memoryRuns } from '../support/memory-runs.ts';
import { servedStore } from '../support/server.ts';

const LOG = ['acme', 'a/ä', 'acme'].map((name, i) => `${name},login,2021-03-01 00:1${i}:00+00,1`);

describe('DELETE /api/v1/subjects/{subject}', () => {
  const history = memoryRuns();
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
