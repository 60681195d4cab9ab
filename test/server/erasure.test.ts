import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const LOG = ['acme', 'a/ä', 'acme'].map((name, i) => `${name},login,2021-03-01 00:1${i}:00+00,1`);

describe('DELETE /api/v1/subjects/{subject}', () => {
  const served = servedStore({ 'log.csv': LOG.join('\n') });

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
