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

  for (const [query, detail] of Object.entries({
    'interval=7m': /"7m" is no interval/,
    'from=2021-02-30T00:00Z': /is no day/,
    'color=red': /"color"/,
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
