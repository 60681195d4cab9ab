import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const JSON_TYPE = 'application/json';

describe('POST /api/v1/events', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });
  let latest = 0;

  /** An event that is like no other. */
  function event(others: object = {}) {
    const time = '2021-03-01T00:11:25.277Z';
    const own = { id: `${++latest}`, source: 'api', type: 'call', subject: 'acme', time };
    return { specversion: '1.0', ...own, ...others };
  }

  async function post(
    body: unknown,
    type = JSON_TYPE,
    others: { url?: string; headers?: object } = {},
  ) {
    const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const { url = '', headers = {} } = others;
    const answer = await served.api.inject({
      ...{ method: 'POST', url: `/api/v1/events${url}`, payload },
      headers: { 'content-type': type, ...headers },
    });
    const told = answer.body === '' ? undefined : JSON.parse(answer.body);
    return { status: answer.statusCode, told, headers: answer.headers };
  }

  test('takes events in every form', async () => {
    const one = () => JSON.stringify(event());
    const two = () => JSON.stringify([event(), event()]);
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    for (const [body, type, others] of [
      [one(), 'application/cloudevents+json; charset=utf-8'],
      [two(), 'application/cloudevents-batch+json'],
      [one(), JSON_TYPE],
      [two(), 'Application/JSON'],
      [`${one()}\n\n${one()}`, 'application/x-ndjson'],
      [gzipSync(two()), JSON_TYPE, gzip],
    ] as const)
      assert.deepEqual((await post(body, type, others)).status, 204, type);
  });

  test('counts them, and each once', async () => {
    const subject = 'counted once';
    const events = [event({ subject }), event({ subject, time: undefined })];
    for (let i = 0; i < 3; i++) assert.equal((await post(events)).status, 204);
    const { told } = await post([...events, event({ subject })], JSON_TYPE, {
      headers: { prefer: 'respond-async, return=representation' },
    });
    const outcomes = ['duplicate', 'duplicate', 'counted'];
    assert.deepEqual(told, { accepted: 3, counted: 1, outcomes });
    const url = '/api/v1/counts?source=posted&interval=1mo&subject=counted%20once';
    const { body } = await served.api.inject({ url, headers: { accept: 'text/csv' } });
    const counts = body.split('\r\n').flatMap((row) => Number(row.split(',')[2]) || []);
    assert.deepEqual([counts[0], counts.at(-1)], [2, 1]);
  });

  test('keeps those that are right, and tells what is wrong with the others', async () => {
    const known = event();
    await post(known);
    const sent = [event(), event({ time: 'noon' }), { ...known, data: { n: 1 } }, known];
    const { status, told, headers } = await post(sent);
    assert.equal(status, 400);
    assert.equal(headers['content-type'], 'application/problem+json');
    const { errors, accepted, counted, title, detail } = told;
    assert.deepEqual(
      { accepted, counted, title },
      { accepted: 2, counted: 1, title: 'Bad Request' },
    );
    assert.equal(
      detail,
      `2 problems, the first: /1/time: ${errors[0].detail}; all other events are kept`,
    );
    assert.deepEqual(errors, [
      {
        pointer: '/1/time',
        detail: 'expected a time as RFC 3339 has it, such as 2021-03-01T12:00:00Z',
      },
      {
        pointer: '/2/id',
        detail: 'an event of this source and id was counted with other content',
      },
    ]);
    const again = await post(sent, JSON_TYPE, { headers: { prefer: 'return=representation' } });
    assert.deepEqual(again.told.outcomes, ['duplicate', 'rejected', 'conflict', 'duplicate']);
  });

  test('keeps all or none where that is asked for', async () => {
    const known = event();
    await post(known);
    const asked = { url: '?atomic=true', headers: { prefer: 'return=representation' } };
    for (const [bad, outcome] of [
      [event({ subject: '' }), 'rejected'],
      [{ ...known, type: 'other' }, 'conflict'],
    ] as const) {
      const right = event();
      const refused = await post([right, bad], JSON_TYPE, asked);
      assert.equal(refused.status, 400);
      assert.deepEqual([refused.told.accepted, refused.told.outcomes], [0, ['refused', outcome]]);
      const kept = await post([right, known], JSON_TYPE, asked);
      assert.deepEqual([kept.status, kept.told.outcomes], [200, ['counted', 'duplicate']]);
    }
  });

  test('refuses what it cannot read, and says why', async () => {
    const gzip = { headers: { 'content-encoding': 'gzip' } };
    const bomb = gzipSync(Buffer.alloc(17 << 20, ' '));
    const cut = gzipSync(JSON.stringify(event())).subarray(0, 40);
    for (const [body, type, others, status, detail] of [
      ['[{"id":', JSON_TYPE, {}, 400, /not JSON: .* at position 7/],
      ['{}', 'application/cloudevents-batch+json', {}, 400, /is to be an array/],
      ['{}', 'text/plain', {}, 415, /^events are sent as application[/]cloudevents[+]json, /],
      ['{}', 'constructor', {}, 415, /./],
      ['{}', JSON_TYPE, { headers: { 'content-encoding': 'br' } }, 415, /plain or gzip, not br/],
      ['{}', JSON_TYPE, gzip, 400, /cannot be read: incorrect header check/],
      [cut, JSON_TYPE, gzip, 400, /cannot be read: unexpected end of file/],
      [bomb, JSON_TYPE, gzip, 413, /longer than 16777216 bytes/],
      [' '.repeat(17 << 20), JSON_TYPE, {}, 413, /./],
      ['[]', JSON_TYPE, { url: '?atomic=maybe' }, 400, /not valid/],
    ] as const) {
      const { status: found, told } = await post(body, type, others);
      assert.equal(found, status, JSON.stringify(told));
      assert.match(told.detail, detail);
    }
  });

  test('takes events of a key of subjects for these only', async () => {
    const key = { name: 'k', scope: 'write' as const, created: 0, subjects: ['acme'] };
    const headersOf = (scope: 'read' | 'write') => ({
      authorization: `Bearer ${createKey(served.keys, { ...key, scope }).token}`,
    });
    const headers = headersOf('write');
    assert.equal((await post(event(), JSON_TYPE, { headers })).status, 204);
    const right = event();
    const { status, told } = await post([right, event({ subject: 'globex' })], JSON_TYPE, {
      headers,
    });
    assert.equal(status, 403);
    assert.deepEqual(told.errors, [
      { pointer: '/1/subject', detail: 'this key is for other subjects' },
    ]);
    const kept = await post(right, JSON_TYPE, {
      headers: { ...headers, prefer: 'return=representation' },
    });
    assert.deepEqual(kept.told.outcomes, ['counted'], 'nothing was kept of it before');
    assert.equal((await post(event(), JSON_TYPE, { headers: headersOf('read') })).status, 403);
  });
});
