import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { AccessKey } from '../../src/core/access-key.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const LOG = ['acme', 'globex'].map((name) => `${name},login,2021-03-01 00:15:00+00,1`).join('\n');

describe('access', () => {
  const served = servedStore({ 'log.csv': LOG });

  async function ask(url: string, token?: string, headers: Record<string, string> = {}) {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return served.api.inject({ url, headers: { ...authorization, ...headers } });
  }

  function made(key: Partial<AccessKey> = {}): string {
    return createKey(served.keys, { name: 'k', scope: 'read', created: 0, ...key }).token;
  }

  describe('without keys', () => {
    test('is for who names this machine', async () => {
      for (const host of ['localhost', '127.0.0.1:8000', '[::1]:80', 'LOCALHOST:1']) {
        assert.equal((await ask('/api/v1/counts', undefined, { host })).statusCode, 200, host);
      }
      for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example']) {
        assert.equal((await ask('/api/v1/counts', undefined, { host })).statusCode, 421, host);
      }
    });

    test('is not for pages from elsewhere that a browser on this machine shows', async () => {
      const begin = async (origin: string) => {
        const options = {
          method: 'POST',
          url: '/api/v1/reports/none/runs',
          headers: { origin },
        } as const;
        return (await served.api.inject(options)).statusCode;
      };
      for (const origin of ['http://localhost:8000', 'http://127.0.0.1:5173', 'http://[::1]'])
        assert.equal(await begin(origin), 404, origin);
      for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null'])
        assert.equal(await begin(origin), 403, origin);
    });
  });

  test('is not for scripts of other pages', async () => {
    const origin = { host: 'localhost', origin: 'http://localhost:5173' };
    for (const [method, headers] of [
      ['GET', origin],
      ['OPTIONS', { ...origin, 'access-control-request-method': 'GET' }],
    ] as const) {
      const answer = await served.api.inject({ method, url: '/api/v1/counts', headers });
      assert.equal(answer.statusCode, method === 'GET' ? 200 : 405);
      const names = Object.keys(answer.headers).filter((name) =>
        name.startsWith('access-control-'),
      );
      assert.deepEqual(names, []);
    }
  });

  describe('with keys', () => {
    beforeEach(() => made());

    test('is for who has one', async () => {
      const { statusCode, headers } = await ask('/api/v1/counts');
      assert.equal(statusCode, 401);
      assert.equal(headers['www-authenticate'], 'Bearer');
      assert.equal((await ask('/api/v1/counts', made())).statusCode, 200);
    });

    test('is not for who makes one up', async () => {
      const token = made();
      const mixed = token.slice(0, -43) + made().slice(-43);
      for (const guess of ['x', token.slice(0, -1), `${token}A`, mixed])
        assert.equal((await ask('/api/v1/counts', guess)).statusCode, 401, guess);
    });

    test('tells an address to wait that comes too often without one, and nobody else', async () => {
      const guess = async (remoteAddress: string, key?: string, url = '/api/v1/counts') => {
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
        return served.api.inject({ url, headers, remoteAddress });
      };
      const statuses = new Map<number, number>();
      for (let i = 0; i < 105; i++) {
        const { statusCode } = await guess('203.0.113.7', i % 2 === 0 ? `guess-${i}` : undefined);
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      }
      assert.deepEqual(Object.fromEntries(statuses), { 401: 100, 429: 5 });
      const { headers } = await guess('203.0.113.7');
      assert.match(String(headers['retry-after']), /^([1-9]|[1-5][0-9]|60)$/);
      assert.equal(headers['content-type'], 'application/problem+json');
      for (const url of ['/metrics', '/nowhere'])
        assert.equal((await guess('203.0.113.7', undefined, url)).statusCode, 429, url);
      assert.equal((await guess('203.0.113.7', made())).statusCode, 200);
      assert.equal((await guess('203.0.113.8')).statusCode, 401);
    });

    test('ends when a key expires or is revoked', async () => {
      assert.equal(
        (await ask('/api/v1/counts', made({ expires: Date.now() - 1 }))).statusCode,
        401,
      );
      assert.equal(
        (await ask('/api/v1/counts', made({ expires: Date.now() + 60_000 }))).statusCode,
        200,
      );
      const token = made();
      served.keys.revoke(token.slice(8, 20), Date.now());
      assert.equal((await ask('/api/v1/counts', token)).statusCode, 401);
    });

    test('shows a key of a subject what is theirs, and nothing else', async () => {
      const token = made({ subjects: ['acme'] });
      const { body } = await ask('/api/v1/counts', token, { accept: 'application/x-ndjson' });
      assert.match(body, /acme/);
      assert.doesNotMatch(body, /globex/);
      assert.equal((await ask('/api/v1/counts?subject=acme', token)).statusCode, 200);
      for (const url of [
        '/api/v1/counts?subject=globex',
        '/api/v1/counts?subject=acme&subject=globex',
        '/api/v1/bill/globex/sessions',
        '/api/v1/hosts/acme',
        '/api/v1/top',
      ])
        assert.equal((await ask(url, token)).statusCode, 403, url);
    });

    test('tells when a key was used last', async () => {
      const token = made({ name: 'audit' });
      await ask('/api/v1/counts', token);
      const key = served.keys.list().find(({ name }) => name === 'audit');
      assert.ok(Date.now() - key!.lastUsed! < 60_000);
    });
  });
});

describe('a meter of a connection log', () => {
  const meters = [{ slug: 'made', source: 'events', aggregation: 'COUNT' }] as const;
  const served = servedStore(
    { 'a.connection-log': '1614556800000 acme db\n' },
    { meters, format: 'connection-log' },
  );

  for (const url of [
    '/api/v1/meters/made/query',
    '/api/v1/meters/made/subjects',
    '/hourly?customer_id=acme&start=2021-03-01&end=2021-03-02&meter=made',
  ])
    test(`shows keys of a subject nothing of a host that is called the same at ${url}`, async () => {
      const statusOf = async (subjects?: readonly string[]) => {
        const key = {
          name: 'k',
          scope: 'read',
          created: 0,
          ...(subjects && { subjects }),
        } as const;
        const headers = { authorization: `Bearer ${createKey(served.keys, key).token}` };
        return (await served.api.inject({ url, headers })).statusCode;
      };
      assert.deepEqual([await statusOf(), await statusOf(['acme'])], [200, 403]);
    });
});
