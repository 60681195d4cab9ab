import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import type { Log, LogFields } from '../../src/core/log.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

describe('the log of a server', () => {
  const lines: { readonly level: string; readonly event: string; readonly fields: LogFields }[] =
    [];
  const noted =
    (level: string) =>
    (event: string, fields: LogFields = {}) =>
      void lines.push({ level, event, fields });
  const log: Log = {
    ...{ error: noted('error'), warn: noted('warn'), info: noted('info'), debug: noted('debug') },
  };
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' }, { log });
  beforeEach(() => lines.splice(0));

  test('has a line for each request, under an id that the answer tells, too', async () => {
    const { headers } = await served.api.inject('/api/v1/counts?subject=acme');
    const [line, ...others] = lines;
    assert.deepEqual(others, []);
    const { ms, request, ...fields } = line!.fields;
    assert.equal(request, headers['x-request-id']);
    assert.match(String(request), /^[0-9a-f-]{36}$/);
    assert.ok(typeof ms === 'number' && ms > 0);
    assert.deepEqual([line?.level, line?.event], ['info', 'request']);
    const route = { method: 'GET', route: '/api/v1/counts', status: 200 };
    assert.deepEqual(fields, { ...route, from: '127.0.0.1', key: undefined });
  });

  test('takes the id of who passed a request on, unless that is no id', async () => {
    for (const url of ['/nowhere', '/%zz', `/api/v1/meters/${'a'.repeat(5000)}`]) {
      const { headers } = await served.api.inject({ url, headers: { 'x-request-id': 'abc' } });
      assert.equal(headers['x-request-id'], 'abc', url);
    }
    for (const [given, isTaken] of [
      ['abc-1:2.3_4', true],
      ['x'.repeat(64), true],
      ['x'.repeat(65), false],
      ['a b', false],
      ['"}', false],
      ['é', false],
    ] as const) {
      const headers = { 'x-request-id': given };
      const answer = await served.api.inject({ url: '/hourly', headers });
      assert.equal(answer.headers['x-request-id'] === given, isTaken, given);
    }
  });

  test('has no keys, headers, bodies or names of customers', async () => {
    const made = { name: 'secret-name', scope: 'admin', created: 0 } as const;
    const { id, token } = createKey(served.keys, made);
    const secret = token.slice(-43);
    const wrong = `${token.slice(0, -2)}AA`;
    for (const authorization of [`Bearer ${token}`, `Bearer ${wrong}`, `Basic ${token}`])
      for (const [method, url] of [
        ['GET', `/api/v1/bill/customer-1/sessions?from=${secret}`],
        ['GET', `/customer-1?key=${token}`],
        ['DELETE', '/api/v1/subjects/customer-1'],
        ['POST', '/api/v1/events'],
      ] as const)
        await served.api.inject({
          ...{ method, url, payload: { subject: 'customer-1', password: secret } },
          headers: { authorization, cookie: secret, 'x-api-key': secret },
        });
    assert.equal(lines.length, 12);
    const all = JSON.stringify(lines);
    assert.ok(all.includes(id));
    for (const word of [secret, secret.slice(0, -2), 'customer-1', 'secret-name', 'authorization'])
      assert.ok(!all.includes(word), word);
  });

  test('has the cause of what is not the fault of who asked', async (context) => {
    const { token } = createKey(served.keys, { name: 'k', scope: 'admin', created: 0 });
    const headers = { authorization: `Bearer ${token}` };
    const list = () => Promise.reject(new Error('a bug'));
    context.mock.method(served.reports.history, 'list', list);
    const { body, statusCode } = await served.api.inject({ url: '/api/v1/runs', headers });
    assert.equal(statusCode, 500);
    assert.doesNotMatch(body, /bug/);
    const [failure, request] = lines;
    assert.deepEqual([failure?.level, request?.level], ['error', 'error']);
    assert.deepEqual(failure?.fields['reason'], ['Error: a bug']);
    assert.match(String(failure?.fields['stack']), /a bug\n +at /);
    assert.equal(failure?.fields['request'], request?.fields['request']);
  });

  test('says little of who looks whether the service lives', async () => {
    await served.api.inject('/healthz/live');
    assert.deepEqual(
      lines.map(({ level }) => level),
      ['debug'],
    );
  });
});
