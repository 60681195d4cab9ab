import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { servedStore } from '../support/server.ts';

describe('every answer', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  test('has browsers be careful, errors and refusals, too', async () => {
    for (const [host, url] of [
      ['localhost', '/api/v1/counts'],
      ['localhost', '/nowhere'],
      ['localhost', '/hourly'],
      ['evil.example', '/api/v1/counts'],
      ['localhost', '/%zz'],
      ['localhost', `/api/v1/meters/${'a'.repeat(5000)}`],
    ] as const) {
      const { headers } = await served.api.inject({ url, headers: { host } });
      assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/, url);
      assert.equal(headers['x-content-type-options'], 'nosniff', url);
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN', url);
      assert.match(String(headers['strict-transport-security']), /^max-age=/, url);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'self'/, url);
      assert.doesNotMatch(policy, /upgrade-insecure-requests/, url);
    }
  });
  test('lets no page from elsewhere read it', async () => {
    const origin = { host: 'localhost', origin: 'http://localhost:5173' };
    const asking = { ...origin, 'access-control-request-method': 'GET' };
    for (const [method, headers] of [
      ['GET', origin],
      ['OPTIONS', asking],
    ] as const) {
      const answer = await served.api.inject({ method, url: '/api/v1/counts', headers });
      assert.equal(answer.statusCode, method === 'GET' ? 200 : 405);
      const names = Object.keys(answer.headers).filter((name) =>
        name.startsWith('access-control-'),
      );
      assert.deepEqual(names, []);
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
    }
  });
});
