import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const METER = '/api/v1/meters/logins/query';

describe('a problem', () => {
  const meters = [{ slug: 'logins', eventType: 'login', aggregation: 'COUNT' }] as const;
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' }, { meters });

  async function asked(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, payload?: object) {
    const headers = payload === undefined ? {} : JSON_TYPE;
    const answer = await served.api.inject({
      ...{ method, url, headers },
      payload: payload === undefined ? '' : JSON.stringify(payload),
    });
    return { ...answer.json(), allow: answer.headers['allow'] };
  }

  for (const [url, ...pointers] of [
    ['/hourly?start=2021-03-01&end=2021-03-02', '/querystring/customer_id'],
    ['/api/v1/counts?from=noon&to=2021-02-30', '/querystring/from', '/querystring/to'],
    ['/api/v1/counts?from=2021-03-01', '/querystring/from'],
    ['/api/v1/counts?from=2&to=1', '/querystring/to'],
    ['/api/v1/counts?tz=Mars&interval=7m', '/querystring/tz', '/querystring/interval'],
    ['/api/v1/counts?source=nothing', '/querystring/source'],
    ['/api/v1/counts?value=all', '/querystring/value'],
    ['/api/v1/counts?cursor=x', '/querystring/cursor'],
    ['/api/v1/counts?color=red&a/b~=1', '/querystring/color', '/querystring/a~1b~0'],
    [
      `${METER}?windowSize=WEEK&windowTimeZone=Mars`,
      ...['windowSize', 'windowTimeZone'].map(query),
    ],
    [`${METER}?groupBy=model`, '/querystring/groupBy'],
    [`${METER}?filterGroupBy[model]=a`, '/querystring/filterGroupBy'],
  ] as const)
    test(`points at what is wrong in ${url}`, async () => {
      const { status, errors } = await asked('GET', url);
      assert.equal(status, 400);
      assert.deepEqual(pointersOf(errors), pointers);
    });

  test('points at what is wrong in a body', async () => {
    for (const [body, pointer] of [
      [{ from: 'noon' }, '/body/from'],
      [{ filterGroupBy: { 'a/b~c': 1 } }, '/body/filterGroupBy/a~1b~0c'],
      [{ filterGroupBy: { model: ['a'] } }, '/body/filterGroupBy'],
      [{ groupBy: ['model'] }, '/body/groupBy'],
      [{ color: 'red' }, '/body/color'],
    ] as const) {
      const { status, errors } = await asked('POST', METER, body);
      assert.equal(status, 400);
      assert.deepEqual(pointersOf(errors), [pointer]);
    }
  });

  test('tells in its first words what is wrong, for who shows these only', async () => {
    const { detail } = await asked('GET', '/api/v1/counts?limit=0&color=red');
    assert.equal(
      detail,
      'the request is not valid: /querystring/limit: Too small: expected number to be >=1, and 1 more',
    );
    const { errors } = await asked('GET', '/hourly?customer_id=acme&start=1');
    assert.deepEqual(errors, [{ pointer: '/querystring/end', detail: 'is missing' }]);
  });

  test('has words of HTTP, and not where the store is', async () => {
    const { detail } = await asked('GET', '/api/v1/counts?from=2021-03-01');
    assert.equal(detail, 'the day 2021-03-01 begins at no one instant; say the zone');
    const { detail: none } = await asked('GET', '/api/v1/top');
    assert.equal(none, 'of sources of connection-log, the store has none');
  });

  test('tells how a place may be asked that is there, and of no other', async () => {
    for (const [method, url, allow] of [
      ['GET', '/api/v1/events', 'POST'],
      ['PUT', '/hourly?customer_id=acme', 'GET, HEAD'],
      ['DELETE', '/api/v1/meters/logins/query', 'GET, HEAD, POST'],
      ['GET', '/api/v1/subjects/a%2Fb', 'DELETE'],
    ] as const) {
      const told = await asked(method, url);
      assert.deepEqual([told.status, told.title, told.allow], [405, 'Method Not Allowed', allow]);
    }
    for (const url of ['/', '/api/v1/subjects/a/b', '/openapi-json', '/hourly/']) {
      const told = await asked('GET', url);
      assert.deepEqual([told.status, told.allow], [404, undefined], url);
    }
  });

  test('is told of a place that is not there to whoever has a key, and to nobody else', async () => {
    const statusOf = async (key?: { scope: 'read' | 'admin'; subjects?: string[] }) => {
      const { token } = createKey(served.keys, { name: 'k', created: 0, scope: 'read', ...key });
      const headers = key && { authorization: `Bearer ${token}` };
      return (await served.api.inject({ url: '/nowhere', ...(headers && { headers }) })).statusCode;
    };
    assert.equal(await statusOf({ scope: 'admin' }), 404);
    assert.equal(await statusOf({ scope: 'read' }), 404);
    assert.equal(await statusOf({ scope: 'read', subjects: ['acme'] }), 404);
    assert.equal(await statusOf(), 401);
  });
});

function query(name: string): string {
  return `/querystring/${name}`;
}

function pointersOf(errors: readonly { readonly pointer: string }[] | undefined): string[] {
  return errors?.map(({ pointer }) => pointer) ?? [];
}
