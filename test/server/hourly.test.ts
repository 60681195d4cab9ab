import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const LOG = [
  'acme,login,2021-03-01 00:15:00+00,1',
  'acme,login,2021-03-01 00:20:00.001+00,2',
  'acme,logout,2021-03-01 02:00:00+00,3',
  'constructor,login,2021-03-01 00:20:00+00,4',
  'acme,login,2021-03-02 05:00:00+00,5',
].join('\n');

describe('GET /hourly', () => {
  const meters = [
    { slug: 'logins', eventType: 'login', aggregation: 'COUNT' },
    { slug: 'elsewhere', source: 'nothing', aggregation: 'COUNT' },
    { slug: 'values', source: 'events', aggregation: 'SUM', valueProperty: '$.value' },
  ] as const;
  const served = servedStore({ 'log.csv': LOG }, { meters });

  async function asked(query: string, headers: Record<string, string> = {}) {
    return served.api.inject({ url: `/hourly?customer_id=acme&${query}`, headers });
  }

  async function countsOf(query: string): Promise<(string | number)[]> {
    const { statusCode, body } = await asked(query);
    assert.equal(statusCode, 200, body);
    const { buckets } = JSON.parse(body) as { buckets: { count: number; truncated: string }[] };
    return buckets.map(({ count, truncated }) =>
      truncated === 'none' ? count : `${count} ${truncated}`,
    );
  }

  test('tells every hour of a range, also empty ones', async () => {
    const { body, headers } = await asked(
      'start=2021-03-01T00:00Z&end=2021-03-01T03:00:00%2B00:00',
    );
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.deepEqual(JSON.parse(body), {
      customer_id: 'acme',
      start: '2021-03-01T00:00:00Z',
      end: '2021-03-01T03:00:00Z',
      complete_through: '2021-03-02T05:00:00Z',
      final: true,
      buckets: [
        { start: '2021-03-01T00:00:00Z', count: 2, truncated: 'none' },
        { start: '2021-03-01T01:00:00Z', count: 0, truncated: 'none' },
        { start: '2021-03-01T02:00:00Z', count: 1, truncated: 'none' },
      ],
    });
  });

  test('cuts hours to the millisecond', async () => {
    const day = '2021-03-01T';
    assert.deepEqual(await countsOf(`start=${day}00:20:00.001Z&end=${day}02:00:00.001Z`), [
      '1 start',
      0,
      '1 end',
    ]);
    assert.deepEqual(await countsOf(`start=${day}00:16Z&end=${day}00:20:00.001Z`), ['0 both']);
    assert.deepEqual(await countsOf(`start=${day}00:15Z&end=${day}01:00Z`), ['2 start']);
    assert.deepEqual(await countsOf(`start=${day}00:15Z&end=${day}00:15Z`), []);
  });

  test('counts the events of a meter', async () => {
    const range = 'start=2021-03-01T00:00Z&end=2021-03-01T03:00Z';
    assert.deepEqual(await countsOf(`${range}&meter=logins`), [2, 0, 0]);
    assert.deepEqual(await countsOf(`${range}&meter=elsewhere`), [0, 0, 0]);
    const cut = 'start=2021-03-01T00:16Z&end=2021-03-01T02:01Z';
    assert.deepEqual(await countsOf(`${cut}&meter=logins`), ['1 start', 0, '0 end']);
  });

  test('says whether there may be more', async () => {
    const finalOf = async (end: string) =>
      (await asked(`start=2021-03-01T00:00Z&end=${end}`)).headers['daybook-final'];
    assert.equal(await finalOf('2021-03-02T05:00Z'), 'true');
    assert.equal(await finalOf('2021-03-02T05:00:00.001Z'), 'false');
  });

  test('is not sent again to who has what is final', async () => {
    const range = 'start=2021-03-01T00:00Z&end=2021-03-01T03:00Z';
    const tag = String((await asked(range)).headers['etag']);
    for (const known of [tag, tag.replace('W/', ''), `"x", ${tag}`, '*']) {
      const { statusCode, body, headers } = await asked(range, { 'if-none-match': known });
      assert.deepEqual([statusCode, body, headers['etag']], [304, '', tag], known);
    }
    assert.equal((await asked(range, { 'if-none-match': '"x"' })).statusCode, 200);
    const open = await asked('start=2021-03-01T00:00Z&end=2021-03-03T00:00Z');
    assert.equal(open.headers['etag'], undefined);
  });

  test('knows what was posted as soon as that was answered', async () => {
    const url = '/api/v1/events';
    const event = { specversion: '1.0', type: 'x', source: 's', subject: 'new' };
    const hour = { start: '2021-05-01T00:00Z', end: '2021-05-01T01:00Z' };
    for (const id of ['1', '2', '2']) {
      const payload = { ...event, id, time: '2021-05-01T00:30:00Z' };
      const posted = await served.api.inject({ method: 'POST', url, payload });
      assert.equal(posted.statusCode, 204, posted.body);
      const query = new URLSearchParams({ customer_id: 'new', ...hour });
      const { body } = await served.api.inject(`/hourly?${query}`);
      assert.match(body, new RegExp(`"count":${id},`));
    }
  });

  for (const [query, status, detail, field] of [
    ['start=2021-03-01T00:00Z', 400, /end/, 'end'],
    ['start=yesterday&end=2021-03-01', 400, /"yesterday" is no time/, 'start'],
    ['start=2021-03-02&end=2021-03-01', 400, /ends .* before it begins/, 'end'],
    ['start=0&end=9000000000000000', 400, /beyond the years/, 'end'],
    ['start=2021-03-01&end=2031-04-01', 400, /at most 87840 hours/, undefined],
    ['start=2021-03-01&end=2021-03-02&meter=constructor', 404, /no meter constructor/, undefined],
    ['start=2021-03-01&end=2021-03-02&meter=values', 400, /not one of COUNT/, 'meter'],
    ['start=2021-03-01&end=2021-03-02&color=red', 400, /color/, 'color'],
  ] as const)
    test(`answers ${query} with a problem`, async () => {
      const { statusCode, body, headers } = await asked(query);
      assert.equal(statusCode, status, body);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(body.replaceAll('\\', ''), detail);
      const { errors } = JSON.parse(body) as { errors?: readonly { pointer: string }[] };
      assert.deepEqual(
        errors?.map((error) => error.pointer),
        field && [`/querystring/${field}`],
      );
    });

  test('shows a key of a subject what is theirs', async () => {
    const key = { name: 'k', scope: 'read', created: 0, subjects: ['acme'] } as const;
    const authorization = `Bearer ${createKey(served.keys, key).token}`;
    const range = 'start=2021-03-01&end=2021-03-02';
    assert.equal((await asked(range, { authorization })).statusCode, 200);
    const url = `/hourly?customer_id=constructor&${range}`;
    assert.equal((await served.api.inject({ url, headers: { authorization } })).statusCode, 403);
  });
});

describe('GET /hourly of a source that is followed', () => {
  const end = Date.parse('2021-03-01T01:00Z');
  let through = end - 1;
  const served = servedStore({ 'log.csv': LOG }, { completeThrough: () => through });

  test('is not final where that became so while it was read', async (context) => {
    const { store } = served;
    const count = store.addHours.bind(store);
    const mock = context.mock.method(
      store,
      'addHours',
      async (...asked: Parameters<typeof count>) => {
        await count(...asked);
        through = end;
      },
    );
    const ask = async () => {
      const range = 'start=2021-03-01T00:00Z&end=2021-03-01T01:00Z';
      const { body } = await served.api.inject(`/hourly?customer_id=acme&${range}`);
      return (JSON.parse(body) as { final: boolean }).final;
    };
    assert.deepEqual([await ask(), await ask()], [false, true]);
    mock.mock.restore();
  });

  test('is not sent again where only what is complete has gone on', async () => {
    const asked = (known = '') => {
      const range = 'start=2021-03-01T00:00Z&end=2021-03-01T01:00Z';
      const headers = { 'if-none-match': known };
      return served.api.inject({ url: `/hourly?customer_id=acme&${range}`, headers });
    };
    through = end;
    const { headers, body } = await asked();
    const tag = String(headers['etag']);
    assert.match(tag, /^W[/]"[\w-]{27}"$/);
    through = end + 1000;
    const again = await asked(tag);
    assert.deepEqual([again.statusCode, again.body, again.headers['etag']], [304, '', tag]);
    assert.equal(again.headers['daybook-complete-through'], '2021-03-01T01:00:01Z');
    assert.notEqual((await asked('"x"')).body, body);
  });
});
