import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { servedStore } from '../support/server.ts';

const LOG = [
  'acme,login,2021-03-01 00:15:00+00,1',
  'acme,login,2021-03-01 00:20:00+00,2',
  'acme,login,2021-03-01 02:00:00+00,3',
  'globex,login,2021-03-01 00:20:00+00,4',
].join('\n');

describe('GET /api/v1/counts', () => {
  const served = servedStore({ 'log.csv': LOG });

  test('tells the hours of a subject', async () => {
    const { statusCode, body, headers } = await served.api.inject(
      '/api/v1/counts?subject=acme&from=2021-03-01T00:00Z&to=2021-03-01T03:00Z',
    );
    assert.equal(statusCode, 200, body);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    const { rows } = JSON.parse(body) as { rows: { count: number }[] };
    assert.deepEqual(
      rows.map(({ count }) => count),
      [2, 0, 1],
    );
  });

  test('answers as CSV where that is accepted', async () => {
    const headers = { accept: 'text/csv' };
    const { body } = await served.api.inject({ url: '/api/v1/counts?subject=globex', headers });
    assert.equal(
      body,
      'subject,window_start,count,truncated\r\nglobex,2021-03-01T00:00:00Z,1,none\r\n' +
        'globex,2021-03-01T01:00:00Z,0,none\r\nglobex,2021-03-01T02:00:00Z,0,none\r\n',
    );
  });

  test('says how complete it is, and tags what is final', async () => {
    const url = '/api/v1/counts?subject=acme&from=2021-03-01T00:00Z&to=2021-03-01T02:00Z';
    for (const accept of ['application/json', 'text/csv']) {
      const { headers } = await served.api.inject({ url, headers: { accept } });
      assert.equal(headers['daybook-complete-through'], '2021-03-01T02:00:00Z');
      assert.equal(headers['daybook-final'], 'true');
      const known = { accept, 'if-none-match': String(headers['etag']) };
      const again = await served.api.inject({ url, headers: known });
      assert.deepEqual([again.statusCode, again.body], [304, '']);
      const { statusCode } = await served.api.inject({ url: `${url}&type=x`, headers: known });
      assert.equal(statusCode, 200);
    }
    const { headers } = await served.api.inject('/api/v1/counts?subject=acme');
    assert.deepEqual([headers['daybook-final'], headers['etag']], ['false', undefined]);
  });

  test('sends what is long as it comes, without a tag', async () => {
    const url =
      '/api/v1/counts?subject=acme&from=2021-02-01T00:00Z&to=2021-03-01T02:00Z&interval=1m';
    const { headers, body } = await served.api.inject(url);
    assert.equal(headers['etag'], undefined);
    const { rows } = JSON.parse(body) as { rows: unknown[] };
    assert.equal(rows.length, (28 * 24 + 2) * 60);
  });

  for (const [query, detail] of Object.entries({
    'interval=7m': /"7m" is no interval/,
    'from=2021-02-30T00:00Z': /is no day/,
    'color=red': /"[/]querystring[/]color"/,
    'source=nothing': /no source nothing/,
    'value=all': /value/,
  })) {
    test(`answers ${query} with a problem`, async () => {
      const { statusCode, body, headers } = await served.api.inject(`/api/v1/counts?${query}`);
      assert.equal(statusCode, 400, body);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(body.replaceAll('\\', ''), detail);
    });
  }
});
