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
    ] as const) {
      const { headers } = await served.api.inject({ url, headers: { host } });
      assert.equal(headers['x-content-type-options'], 'nosniff', url);
      assert.equal(headers['x-frame-options'], 'SAMEORIGIN', url);
      assert.match(String(headers['strict-transport-security']), /^max-age=/, url);
      const policy = String(headers['content-security-policy']);
      assert.match(policy, /default-src 'self'/, url);
      assert.doesNotMatch(policy, /upgrade-insecure-requests/, url);
    }
  });
});
