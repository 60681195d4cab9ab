import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

describe('a limit of requests a minute', () => {
  const log = { 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' };
  const served = servedStore(log, { requestsPerMinute: 2 });

  test('is of each key, and tells who is beyond it when to come again', async () => {
    const keys = ['one', 'other'].map(
      (name) => createKey(served.keys, { name, scope: 'read', created: 0 }).token,
    );
    const ask = (url: string, key?: string) =>
      served.api.inject({ url, ...(key && { headers: { authorization: `Bearer ${key}` } }) });
    const statuses = [];
    for (const key of [...keys, ...keys, ...keys])
      statuses.push((await ask('/api/v1/counts', key)).statusCode);
    assert.deepEqual(statuses, [200, 200, 200, 200, 429, 429]);
    assert.equal((await ask('/metrics', keys[0])).statusCode, 429);
    const { headers, body } = await ask('/api/v1/inputs', keys[0]);
    assert.match(String(headers['retry-after']), /^[1-9][0-9]?$/);
    assert.equal(headers['content-type'], 'application/problem+json');
    const { status, title } = JSON.parse(body) as { status: number; title: string };
    assert.deepEqual([status, title], [429, 'Too Many Requests']);
    for (let i = 0; i < 3; i++) assert.equal((await ask('/healthz/live')).statusCode, 200);
  });
});
